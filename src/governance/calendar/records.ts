import type { CalendarKind } from './errors.ts'
import type { StoredFreeze, StoredWindow } from './model.ts'

/** Distributes over unions, unlike `Omit`. */
type WithoutRevision<Item> = Item extends unknown ? Omit<Item, 'revision'> : never

export type NewWindow = WithoutRevision<StoredWindow>
export type NewFreeze = WithoutRevision<StoredFreeze>

/**
 * The record that a log entry about a window or freeze speaks for: `body.digest` is `canonicalDigest` of it.
 * The revision is not part of it, since only the store knows it.
 */
export function calendarRecord(kind: CalendarKind, item: NewWindow | NewFreeze): object {
  return { kind, ...item }
}

/** The record that the entry about a removed one speaks for. */
export function calendarRemovalRecord(kind: CalendarKind, name: string): object {
  return { kind, name, removed: true }
}
