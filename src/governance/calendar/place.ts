import { tooMany, type CalendarKind } from './errors.ts'

/** Each decision looks at all of them. */
const MOST = 100

/**
 * Sees that there is room for one more.
 * @param names of those that there are
 * @throws {AppError} `windows_too_many` or `freezes_too_many`
 */
export function requireRoomFor(kind: CalendarKind, name: string, names: readonly string[]): void {
  if (!names.includes(name) && names.length >= MOST) throw tooMany(kind, MOST)
}
