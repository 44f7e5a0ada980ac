import { canonicalDigest } from '../../core/canonical-json.ts'
import type { EntryDraft } from '../../core/log-entry.ts'
import { changeRecord, type StoredChange } from './change.ts'

/** Targets and summaries name people and systems, so they lie beside the leaf. */
export function changeProposedEntry(change: StoredChange, requestId: string): EntryDraft {
  const { id, kind, target, summary, baseRevision, proposedBy, proposedAt, expiresAt } = change
  return {
    type: 'change.proposed',
    at: proposedAt,
    actor: proposedBy.id,
    requestId,
    body: { digest: canonicalDigest(changeRecord(change)), id, kind, baseRevision, owners: proposedBy.owners, expiresAt },
    detail: { target, summary },
  }
}

/** @param change decided: approved, rejected or withdrawn */
export function changeDecidedEntry(change: StoredChange, requestId: string): EntryDraft {
  const { id, kind, target, state, proposedBy, decidedBy, decidedAt, comment } = change
  return {
    type: state === 'approved' ? 'change.approved' : 'change.rejected',
    at: decidedAt ?? '',
    actor: decidedBy?.id ?? '',
    ...(state === 'approved' && { onBehalfOf: proposedBy.id }),
    requestId,
    body: { digest: canonicalDigest(changeRecord(change)), id, kind, state, owners: decidedBy?.owners ?? [], proposedBy: proposedBy.id },
    detail: { target, comment },
  }
}
