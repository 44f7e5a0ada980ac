import { parseSeverity, type Severity } from '../../core/severity.ts'

/** Clair's own word on the one ladder. Clair 2 had a level above Critical. */
export function clairSeverity(word: string | null): Severity {
  return word?.toLowerCase() === 'defcon1' ? 'critical' : parseSeverity(word)
}
