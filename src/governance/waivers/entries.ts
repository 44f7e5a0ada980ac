import { canonicalDigest } from '../../core/canonical-json.ts'
import type { EntryDraft } from '../../core/log-entry.ts'
import { waiverRecord, type Waiver, type WaiverApproval, type WaiverEnd } from './waiver.ts'

/** Reasons and comments are free text and lie beside the leaf. */
export function waiverRequestedEntry(waiver: Waiver, requestId: string): EntryDraft {
  const { requestedBy, requestedAt, approvalsNeeded, reason } = waiver
  return {
    ...entryOf(waiver, requestedBy.id, requestedAt, requestId, { owners: requestedBy.owners, approvalsNeeded }),
    type: 'waiver.requested',
    detail: { reason },
  }
}

/** @param waiver with the vote: approved, or still waiting for further ones */
export function waiverApprovedEntry(waiver: Waiver, { by, at, comment }: WaiverApproval, requestId: string): EntryDraft {
  const { state, approvals, approvalsNeeded, requestedBy, reason } = waiver
  const body = { state, approvals: approvals.length, approvalsNeeded, owners: by.owners, requestedBy: requestedBy.id }
  return {
    ...entryOf(waiver, by.id, at, requestId, body),
    type: 'waiver.approved',
    onBehalfOf: requestedBy.id,
    detail: { reason, comment },
  }
}

/** @param waiver rejected or revoked */
export function waiverEndedEntry(waiver: Waiver, { by, at, reason }: WaiverEnd, requestId: string): EntryDraft {
  const { state, requestedBy } = waiver
  return {
    ...entryOf(waiver, by.id, at, requestId, { state, owners: by.owners, requestedBy: requestedBy.id }),
    type: state === 'revoked' ? 'waiver.revoked' : 'waiver.rejected',
    detail: { reason },
  }
}

function entryOf(waiver: Waiver, actor: string, at: string, requestId: string, body: object): Omit<EntryDraft, 'type' | 'detail'> {
  const { id, scope, expiresAt } = waiver
  const { rule, vulnerability, purl, subject, repository, environment, stage } = scope
  return {
    at,
    actor,
    requestId,
    ...(subject !== null && { subject }),
    ...(stage !== null && { stage }),
    ...(environment !== null && { environment }),
    body: { digest: canonicalDigest(waiverRecord(waiver)), id, rule, vulnerability, purl, repository, expiresAt, ...body },
  }
}
