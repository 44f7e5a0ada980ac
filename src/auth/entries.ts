import { canonicalDigest } from '../core/canonical-json.ts'
import type { Cause, EntryDraft, JsonValue } from '../core/log-entry.ts'
import type { Principal } from '../core/principal.ts'
import type { TokenRecord } from './ports.ts'
import { principalRecord, tokenRecord } from './records.ts'

/** @param replaces the id of the token that this one succeeds */
export function tokenIssuedEntry(token: TokenRecord, cause: Cause, replaces?: string): EntryDraft {
  const { id, kind, principalId, createdBy, issuerIds, roles, scopes, confinement, expiresAt } = token
  const limits = confinement as { [list: string]: JsonValue | undefined }
  const rights = { roles, scopes, confinement: limits, expiresAt }
  return {
    ...entryHeader('token.issued', cause),
    body: { digest: canonicalDigest(tokenRecord(token)), id, kind, principalId, createdBy, issuerIds, ...rights, replaces },
    detail: { description: token.description },
  }
}

/** @param token as it was before; it is revoked at the time of the cause */
export function tokenRevokedEntry(token: TokenRecord, cause: Cause): EntryDraft {
  const digest = canonicalDigest(tokenRecord({ ...token, revokedAt: cause.at }))
  return { ...entryHeader('token.revoked', cause), body: { digest, id: token.id, principalId: token.principalId }, detail: {} }
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

/** What every entry says about its change. */
export function entryHeader(type: EntryDraft['type'], { actor, onBehalfOf, at, requestId }: Cause): Omit<EntryDraft, 'body' | 'detail'> {
  return { type, actor, at, ...(onBehalfOf !== undefined && { onBehalfOf }), ...(requestId !== undefined && { requestId }) }
}
