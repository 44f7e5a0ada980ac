import type { StoredFreeze, StoredWindow } from '../../governance/calendar/model.ts'
import type { CalendarStore } from '../../governance/calendar/ports.ts'
import type { RevisionReader } from './revisions.ts'
import type { ReadSession } from './session.ts'

/** Windows and freezes. */
export function calendarStore(session: ReadSession, revisions: RevisionReader): CalendarStore {
  return {
    revision: () => revisions.current('calendars'),
    all: async () => {
      // In one statement, so that no change comes between the two.
      const rows = await session.all(
        `select 'window' as kind, name, record from windows union all select 'freeze', name, record from freezes order by kind, name`,
      )
      const recordsOf = (kind: string): unknown[] =>
        rows.filter((row) => row['kind'] === kind).map((row): unknown => JSON.parse(String(row['record'])))
      return { windows: recordsOf('window') as StoredWindow[], freezes: recordsOf('freeze') as StoredFreeze[] }
    },
  }
}
