import { canonicalDigest } from '../../core/canonical-json.ts'
import { entryHeader } from '../../core/entry-header.ts'
import type { Cause, EntryDraft, JsonValue } from '../../core/log-entry.ts'
import type { Issuer } from './model.ts'
import { issuerRecord, issuerRemovalRecord } from './records.ts'

/**
 * Names of rules and claims stand in the leaf, the values of claims beside it: they may name people, as may names of principals, client ids
 * and groups.
 */
export function issuerChangedEntry(issuer: Omit<Issuer, 'revision'>, cause: Cause): EntryDraft {
  const { name, kind, issuer: url, keys, audiences, algorithms, rules, login, updatedBy } = issuer
  return {
    ...entryHeader('issuer.changed', cause),
    body: {
      digest: canonicalDigest(issuerRecord(issuer)),
      issuer: name,
      kind,
      url,
      algorithms,
      keys: keys && Object.keys(keys).join(),
      rules: rules.map(({ name: rule, claims, patterns, principalId, roles, scopes, confinement, speaksFor }) => ({
        ...{ rule, claims: Object.keys(claims), patterns: Object.keys(patterns), principalId, roles, scopes },
        confinement: confinement as { [list: string]: JsonValue | undefined },
        speaksFor,
      })),
    },
    detail: {
      updatedBy,
      audiences,
      rules: rules.map(({ name: rule, claims, patterns, principal }) => ({ rule, claims, patterns, principal })),
      ...(login && { clientId: login.clientId, groups: Object.keys(login.groups) }),
    },
  }
}

/** @param updatedBy name of a principal */
export function issuerRemovedEntry(issuer: string, updatedBy: string, cause: Cause): EntryDraft {
  const digest = canonicalDigest(issuerRemovalRecord(issuer))
  return { ...entryHeader('issuer.removed', cause), body: { digest, issuer }, detail: { updatedBy } }
}
