import type { CalendarKind } from './errors.ts'

/** What a change of a window or freeze is a change of. */
export function calendarTarget(kind: CalendarKind, name: string): string {
  return `${kind}s/${name}`
}
