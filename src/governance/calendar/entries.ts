import { canonicalDigest } from '../../core/canonical-json.ts'
import { entryHeader } from '../../core/entry-header.ts'
import type { Cause, EntryDraft } from '../../core/log-entry.ts'
import type { CalendarKind } from './errors.ts'
import { calendarRecord, calendarRemovalRecord, type NewFreeze, type NewWindow } from './records.ts'

/** The reason is free text and lies beside the leaf. */
export function calendarChangedEntry(kind: CalendarKind, item: NewWindow | NewFreeze, cause: Cause): EntryDraft {
  const { name, environments, reason, updatedBy } = item
  return {
    ...entryHeader(`${kind}.changed`, cause),
    body: { digest: canonicalDigest(calendarRecord(kind, item)), [kind]: name, environments },
    detail: { reason, updatedBy },
  }
}

/** @param updatedBy name of a principal */
export function calendarRemovedEntry(kind: CalendarKind, name: string, updatedBy: string, cause: Cause): EntryDraft {
  return {
    ...entryHeader(`${kind}.removed`, cause),
    body: { digest: canonicalDigest(calendarRemovalRecord(kind, name)), [kind]: name },
    detail: { updatedBy },
  }
}
