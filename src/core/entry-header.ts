import type { Cause, EntryDraft } from './log-entry.ts'

/** What every entry says about its change. */
export function entryHeader(type: EntryDraft['type'], { actor, onBehalfOf, at, requestId }: Cause): Omit<EntryDraft, 'body' | 'detail'> {
  return { type, actor, at, ...(onBehalfOf !== undefined && { onBehalfOf }), ...(requestId !== undefined && { requestId }) }
}
