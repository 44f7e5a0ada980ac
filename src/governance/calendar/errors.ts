import { AppError } from '../../core/app-error.ts'

export type CalendarErrorCode =
  'window_invalid' | 'freeze_invalid' | 'window_not_found' | 'freeze_not_found' | 'windows_too_many' | 'freezes_too_many'

export type CalendarKind = 'window' | 'freeze'

/** @param field of the body */
export function invalid(kind: CalendarKind, field: string, message: string, remedy: string): AppError<CalendarErrorCode> {
  return new AppError(`${kind}_invalid`, message, { field: `body.${field}`, remedy })
}

/** Also for one that the asker may not see. */
export function notFound(kind: CalendarKind, name: string): AppError<CalendarErrorCode> {
  return new AppError(`${kind}_not_found`, `There is no ${kind} "${name.slice(0, 80)}", or this token may not see it.`, {
    field: 'path.name',
    remedy: `GET /v1/${kind}s lists them.`,
  })
}

export function tooMany(kind: CalendarKind, most: number): AppError<CalendarErrorCode> {
  return new AppError(`${kind}s_too_many`, `There are ${most} ${kind}s already.`, {
    remedy: `Delete those that are over, or put several spans into one: rdate, or an ICS file. GET /v1/${kind}s lists them.`,
  })
}
