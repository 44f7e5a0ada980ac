import type { StoredFreeze, StoredWindow } from './model.ts'

/** All windows and freezes, each by name. */
export interface CalendarItems {
  windows: StoredWindow[]
  freezes: StoredFreeze[]
}

/** Keeps windows and freezes; every change is a new revision and a log entry (see `calendar-changes.ts`). */
export interface CalendarStore {
  /** Grows with every committed change of windows and freezes; equal numbers mean that an earlier `all` still holds. */
  revision(): Promise<number>
  all(): Promise<CalendarItems>
}
