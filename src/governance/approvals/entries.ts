import { canonicalDigest } from '../../core/canonical-json.ts'
import type { EntryDraft } from '../../core/log-entry.ts'
import type { Approval } from './approval.ts'

/** The log entry of an approval, or of the request for one. What people wrote lies beside the leaf. */
export function approvalEntry(approval: Approval, requestId: string): EntryDraft {
  const { kind, at, by, comment } = approval
  return {
    ...common(approval),
    type: kind === 'request' ? 'approval.requested' : 'approval.given',
    at,
    actor: by.id,
    requestId,
    detail: { comment },
  }
}

/** @param approval revoked */
export function approvalRevokedEntry(approval: Approval, requestId: string): EntryDraft {
  const { revokedAt, revokedBy, reason } = approval
  return {
    ...common(approval),
    type: 'approval.revoked',
    at: revokedAt ?? '',
    actor: revokedBy?.id ?? '',
    requestId,
    detail: { reason },
  }
}

function common(approval: Approval): Pick<EntryDraft, 'subject' | 'stage' | 'environment' | 'body'> {
  const { id, kind, subject, stage, environment, repository, by, request, expiresAt } = approval
  const body = {
    digest: canonicalDigest(approval),
    id,
    kind,
    repository,
    by: by.id,
    owners: by.owners,
    person: by.person,
    request,
    expiresAt,
  }
  return { subject, stage, environment, body }
}
