import type { EntryDraft } from '../../core/log-entry.ts'
import type { CalendarKind } from '../../governance/calendar/errors.ts'
import type { StoredFreeze, StoredWindow } from '../../governance/calendar/model.ts'
import { requireRoomFor } from '../../governance/calendar/place.ts'
import { calendarRecord, calendarRemovalRecord, type NewFreeze, type NewWindow } from '../../governance/calendar/records.ts'
import { calendarTarget } from '../../governance/calendar/targets.ts'
import type { WriteBatch } from '../writer/write-batch.ts'
import { appendWithRecord } from './records.ts'
import { putRevised, removeRevised } from './revised.ts'
import { touchTarget } from './targets.ts'

/** Creates or replaces a window or a freeze. Writers take turns, so no more come in than there is room for. */
export async function putCalendarItem(
  batch: WriteBatch,
  { kind, item, entry }: { kind: CalendarKind; item: NewWindow | NewFreeze; entry: EntryDraft },
): Promise<{ item: StoredWindow | StoredFreeze; created: boolean }> {
  const rows = await batch.engine.kysely.selectFrom(`${kind}s`).select('name').execute()
  requireRoomFor(
    kind,
    item.name,
    rows.map(({ name }) => name),
  )
  const { kept, created } = await putRevised(batch, kind, item, entry.at)
  appendWithRecord(batch, entry, calendarRecord(kind, item))
  await touch(batch, kind, item.name)
  return { item: kept, created }
}

/** @returns false if there is none of that name */
export async function removeCalendarItem(
  batch: WriteBatch,
  { kind, name, entry }: { kind: CalendarKind; name: string; entry: EntryDraft },
): Promise<boolean> {
  if (!(await removeRevised(batch, kind, name, entry.at))) return false
  appendWithRecord(batch, entry, calendarRemovalRecord(kind, name))
  await touch(batch, kind, name)
  return true
}

async function touch(batch: WriteBatch, kind: CalendarKind, name: string): Promise<void> {
  batch.touch('calendars')
  await touchTarget(batch, calendarTarget(kind, name))
}
