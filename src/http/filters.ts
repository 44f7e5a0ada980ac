import { AppError } from '../core/app-error.ts'
import { parseSubject } from '../core/subject.ts'
import { formatInstant, parseInstant } from '../core/time.ts'
import type { ContractErrorCode } from './contract/validation.ts'

/** A copy without the fields that are undefined, as `exactOptionalPropertyTypes` wants filters. */
export function definedOnly<Value extends object>(value: Value): { [Key in keyof Value]: Exclude<Value[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as {
    [Key in keyof Value]: Exclude<Value[Key], undefined>
  }
}

/**
 * `subject` as stores know it. A list about what can be no subject would be empty, and read as if nothing was on record.
 * @throws {AppError} `subject_missing`, `subject_malformed` or `subject_is_tag`
 */
export function subjectFilter({ subject }: { subject?: string | undefined }): { subject?: string } {
  return subject === undefined ? {} : { subject: parseSubject(subject, 'query.subject').id }
}

/** `from` and `to` in UTC, so that stores compare them as text. @throws {AppError} `invalid_parameter` */
export function instantFilter(query: { from: string | undefined; to: string | undefined }): { from?: string; to?: string } {
  return {
    ...(query.from !== undefined && { from: utc(query.from, 'query.from') }),
    ...(query.to !== undefined && { to: utc(query.to, 'query.to') }),
  }
}

/** A time in UTC, so that stores compare it as text. @throws {AppError} `invalid_parameter` */
export function utc(text: string, field: string): string {
  const epochMs = parseInstant(text)
  if (epochMs !== undefined) return formatInstant(epochMs)
  throw new AppError<ContractErrorCode>('invalid_parameter', `${field} is not RFC 3339 with an offset.`, {
    field,
    remedy: 'Write it like 2026-11-21T09:30:00Z.',
  })
}
