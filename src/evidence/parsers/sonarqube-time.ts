import { instantOf, textOf } from './json-fields.ts'

/** The time as RFC 3339: SonarQube writes the offset without a colon. */
export function instantOfSonar(value: unknown): string | null {
  return instantOf(textOf(value)?.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'))
}
