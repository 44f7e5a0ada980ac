import { canonicalDigest } from '../../core/canonical-json.ts'
import type { Cause, EntryDraft } from '../../core/log-entry.ts'
import type { Block, BlockLift } from './block.ts'

/** The reason is free text and lies beside the leaf. */
export function blockPlacedEntry(block: Block, { actor, at, requestId }: Cause): EntryDraft {
  const { id, subject, expiresAt, reason } = block
  const body = { digest: canonicalDigest(block), id, expiresAt }
  return { type: 'block.placed', at, actor, subject, ...(requestId !== undefined && { requestId }), body, detail: { reason } }
}

export function blockLiftedEntry(lift: BlockLift, { subject, reason }: Block, { actor, onBehalfOf, at, requestId }: Cause): EntryDraft {
  return {
    type: 'block.lifted',
    at,
    actor,
    ...(onBehalfOf !== undefined && { onBehalfOf }),
    subject,
    ...(requestId !== undefined && { requestId }),
    body: { digest: canonicalDigest(lift), id: lift.block },
    detail: { reason },
  }
}
