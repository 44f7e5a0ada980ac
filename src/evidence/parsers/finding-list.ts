import { AppError } from '../../core/app-error.ts'
import { compareSeverity } from '../../core/severity.ts'
import type { Finding } from '../model.ts'
import type { ReportErrorCode } from '../parser.ts'

/** Most findings that one report may hold, repeats aside. */
export const MAX_FINDINGS = 200_000

/** Aliases that a finding collects from its repeats at most. */
const MAX_ALIASES = 100

/** Collects the findings of one report: exact repeats become one, and their number is bounded (attacker-controlled). */
export class FindingList {
  readonly #byKey = new Map<string, Finding>()

  /**
   * Adds a finding. A repeat (same class, id, package, version, place) is joined with the first: the worse severity stays.
   * @param distinction what else tells two findings of this format apart, such as a column
   * @throws {ReportError} `report_too_complex`
   */
  add(found: Finding, distinction = ''): void {
    const key = JSON.stringify([
      found.class,
      found.id,
      found.purl ?? found.package,
      found.version,
      found.location,
      found.suppressed,
      distinction,
    ])
    const known = this.#byKey.get(key)
    if (known) this.#byKey.set(key, joined(known, found))
    else if (this.#byKey.size < MAX_FINDINGS) this.#byKey.set(key, found)
    else throw tooManyFindings()
  }

  all(): Finding[] {
    return [...this.#byKey.values()]
  }
}

function joined(known: Finding, repeat: Finding): Finding {
  const worse = compareSeverity(repeat.severity, known.severity) < 0 ? repeat : known
  return {
    ...worse,
    aliases: known.aliases.length < MAX_ALIASES ? [...new Set([...known.aliases, ...repeat.aliases.slice(0, MAX_ALIASES)])] : known.aliases,
    score: highest(known.score, repeat.score),
    fixedVersion: known.fixedVersion ?? repeat.fixedVersion,
  }
}

function highest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b)
}

function tooManyFindings(): AppError<ReportErrorCode> {
  return new AppError('report_too_complex', `The report holds more than ${MAX_FINDINGS} findings.`, {
    field: 'body',
    remedy: 'Split the scan by target and send each report under its own name.',
  })
}
