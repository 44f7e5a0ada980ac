import { canonicalDigest } from '../core/canonical-json.ts'
import { entryHeader } from '../core/entry-header.ts'
import type { Cause, EntryDraft, JsonValue } from '../core/log-entry.ts'
import { credentialName, type Principal } from '../core/principal.ts'
import type { TokenRecord } from './ports.ts'
import { principalRecord, tokenRecord } from './records.ts'

/** @param replaces the id of the token that this one succeeds */
export function tokenIssuedEntry(token: TokenRecord, cause: Cause, replaces?: string): EntryDraft {
  const { id, kind, familyId, principalId, createdBy, issuerIds, roles, scopes, confinement, expiresAt } = token
  const limits = confinement as { [list: string]: JsonValue | undefined }
  const rights = { roles, scopes, confinement: limits, expiresAt }
  const issuedWith = token.issuedWith && credentialName(token.issuedWith)
  const origin = { familyId, createdBy, issuerIds, issuedWith, replaces }
  return {
    ...entryHeader('token.issued', cause),
    body: { digest: canonicalDigest(tokenRecord(token)), id, kind, principalId, ...origin, ...rights },
    detail: { description: token.description },
  }
}

/** @param token with its successor */
export function tokenSupersededEntry(token: TokenRecord, cause: Cause): EntryDraft {
  const { id, principalId, supersededBy, overlapUntil } = token
  const digest = canonicalDigest(tokenRecord(token))
  return { ...entryHeader('token.superseded', cause), body: { digest, id, principalId, supersededBy, overlapUntil }, detail: {} }
}

/**
 * @param token revoked
 * @param ordered id of the token whose revocation was asked for, and took this one with it
 */
export function tokenRevokedEntry(token: TokenRecord, cause: Cause, ordered: string): EntryDraft {
  const { id, principalId } = token
  const body = { digest: canonicalDigest(tokenRecord(token)), id, principalId, ...(ordered !== id && { because: ordered }) }
  return { ...entryHeader('token.revoked', cause), body, detail: {} }
}

/** Names, groups and identities may name a person, so they lie beside the leaf. */
export function principalChangedEntry(principal: Principal, cause: Cause): EntryDraft {
  const { id, kind, disabled, name, groups, identities, createdBy } = principal
  return {
    ...entryHeader('principal.changed', cause),
    body: { digest: canonicalDigest(principalRecord(principal)), id, kind, disabled, createdBy },
    detail: { name, groups, identities: identities.map((identity) => ({ ...identity })) },
  }
}
