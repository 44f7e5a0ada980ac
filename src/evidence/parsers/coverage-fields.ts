import { formatInstant } from '../../core/time.ts'
import type { CoverageRatio, CoverageTotals, ParsedReport } from '../model.ts'
import { instantOf } from './json-fields.ts'
import { malformed } from './report.ts'

/** The number that the text writes in digits, else undefined. */
export function countOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,20}$/.test(text.trim())) return undefined
  return Number(text)
}

/**
 * The count that an attribute or record states; undefined if it is missing or blank.
 * @throws {ReportError} `report_malformed` for anything but digits: a negative or broken count must not pass as unmeasured
 */
export function statedCount(format: string, what: string, text: string | undefined): number | undefined {
  if (text === undefined || text.trim() === '') return undefined
  const count = countOf(text)
  if (count === undefined) throw malformed(format, `states ${what} as ${JSON.stringify(text.slice(0, 40))}, which is no count`)
  return count
}

/**
 * The count that a JSON report gives as a number.
 * @throws {ReportError} `report_malformed` for anything but a whole number from zero
 */
export function numberCount(format: string, what: string, value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw malformed(format, `states ${what} as something that is no count`)
}

/**
 * Covered of total; null where there was nothing to cover, which is how writers put "not measured".
 * @throws {ReportError} `report_malformed` if more is covered than there is
 */
export function ratioOf(format: string, what: string, covered: number, total: number): CoverageRatio | null {
  if (covered > total) throw malformed(format, `states ${covered} covered ${what} of only ${total}`)
  return total === 0 ? null : { covered, total }
}

/**
 * The worst of the ratios in which a report says the same thing, null if it says none. Totals are a few bytes that anybody can edit, so they
 * are believed only as far as the parts and lines that are listed below them bear them out.
 */
export function worstOf(...ratios: readonly (CoverageRatio | null)[]): CoverageRatio | null {
  const said = ratios.filter((ratio) => ratio !== null)
  return said.reduce<CoverageRatio | null>((worst, ratio) => (worst && shareOf(worst) <= shareOf(ratio) ? worst : ratio), null)
}

function shareOf({ covered, total }: CoverageRatio): number {
  return covered / total
}

/** Adds up covered and total of parts. */
export class RatioSum {
  #covered = 0
  #total = 0

  add(covered: number, total: number): void {
    this.#covered += covered
    this.#total += total
  }

  /** @throws {ReportError} `report_malformed` if more is covered than there is */
  ratio(format: string, what: string): CoverageRatio | null {
    return ratioOf(format, what, this.#covered, this.#total)
  }
}

/** The part of a report that tells its totals; a report without coverable lines examined nothing. */
export function coverageResult(coverage: CoverageTotals): Pick<ParsedReport, 'coverage' | 'completeness' | 'completenessReason'> {
  if (coverage.lines !== null) return { coverage, completeness: 'complete', completenessReason: null }
  return { coverage, completeness: 'empty', completenessReason: 'The report measured no coverable lines.' }
}

const YEAR_2000 = Date.UTC(2000, 0)
const YEAR_2100 = Date.UTC(2100, 0)

/** The instant of a time stamp in RFC 3339 or in seconds or milliseconds since the epoch, else null: an epoch outside 2000 to 2099 is no time. */
export function stampOf(text: string | undefined): string | null {
  if (text === undefined || !/^\d{9,13}(?:\.\d+)?$/.test(text)) return instantOf(text)
  const plausible = [Number(text), Number(text) * 1000].find((ms) => ms >= YEAR_2000 && ms < YEAR_2100)
  return plausible === undefined ? null : formatInstant(Math.floor(plausible))
}
