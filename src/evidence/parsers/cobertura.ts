import type { CoverageRatio, ParsedReport } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { coverageResult, ratioOf, RatioSum, stampOf, statedCount, worstOf } from './coverage-fields.ts'
import { malformed, report, wrongFormat } from './report.ts'
import { readXml, xmlOpening, type XmlElement } from './xml-reader.ts'

/**
 * Cobertura XML, as Cobertura itself, coverage.py, gocover-cobertura, coverlet, gcovr, Istanbul and many others write it.
 * https://github.com/cobertura/web/blob/master/htdocs/xml/coverage-04.dtd
 */
export const cobertura: ReportParser = {
  format: 'cobertura',
  classes: ['coverage'],
  claims: ({ text }) => {
    const opening = xmlOpening(text)
    return opening !== undefined && isCobertura(opening.root) && opening.firstChild !== 'project'
  },
  parse: ({ text }) => {
    const { root, lines } = read(text)
    return report({ name: 'cobertura', version: root.attributes['version'] || null }, ['coverage'], {
      reportedAt: stampOf(root.attributes['timestamp']),
      ...totalsOf(root, lines),
    })
  },
}

/** Clover's root has the same name; SonarQube's generic coverage too, without rates or totals. */
function isCobertura({ name, attributes }: XmlElement): boolean {
  if (name !== 'coverage' || 'generated' in attributes || 'clover' in attributes) return false
  return 'line-rate' in attributes || 'lines-valid' in attributes
}

/** The totals that the root states count as far as the listed lines and the rate bear them out; the rate alone where there is neither. */
function totalsOf(root: XmlElement, lines: LineTable): Pick<ParsedReport, 'coverage' | 'completeness' | 'completenessReason'> {
  const ratio = (what: Measured, listed: CoverageRatio | null) => {
    const counted = worstOf(statedRatio(root, what), listed)
    if (counted === null) return states(root, what) ? null : rateOf(root, what)
    return isContradicted(counted, root, what) ? worstOf(counted, rateOf(root, what)) : counted
  }
  return coverageResult({ lines: ratio('lines', lines.lines()), branches: ratio('branches', lines.branches()), functions: null })
}

type Measured = 'lines' | 'branches'

function states({ attributes }: XmlElement, what: Measured): boolean {
  return Boolean(attributes[`${what}-valid`]?.trim() || attributes[`${what}-covered`]?.trim())
}

/** The stated totals; null where there are none, or they are zero, which writers put for "not measured". */
function statedRatio(root: XmlElement, what: Measured): CoverageRatio | null {
  if (!states(root, what)) return null
  const { attributes } = root
  const [valid, covered] = [`${what}-valid`, `${what}-covered`]
  const total = statedCount('cobertura', valid, attributes[valid])
  const hit = statedCount('cobertura', covered, attributes[covered])
  if (total === undefined || hit === undefined) throw malformed('cobertura', `states only one of ${valid} and ${covered}`)
  return ratioOf('cobertura', what, hit, total)
}

const RATES = { lines: 'line-rate', branches: 'branch-rate' } as const
const RATE_PARTS = 10_000

/** True if the rate is lower by more than rounding to as many decimals as it is written with. */
function isContradicted({ covered, total }: CoverageRatio, root: XmlElement, what: Measured): boolean {
  const decimals = /\.(\d+)/.exec(root.attributes[RATES[what]] ?? '')?.[1]?.length ?? 0
  const rate = checkedRate(root, RATES[what]) ?? 1
  return rate + 10 ** -decimals <= covered / total
}

/**
 * A bare rate as parts of 10,000, which is exact to the two decimals that summaries show, and never rounded up.
 * Writers put 0 or 1 where nothing was measured, so that only a rate between proves that something was.
 */
function rateOf(root: XmlElement, what: Measured): CoverageRatio | null {
  const rate = checkedRate(root, RATES[what])
  if (rate === undefined || rate === 0 || rate === 1) return null
  return { covered: Math.floor(Number((rate * RATE_PARTS).toFixed(6))), total: RATE_PARTS }
}

function checkedRate({ attributes }: XmlElement, name: string): number | undefined {
  const text = attributes[name]?.trim()
  if (text === undefined || text === '') return undefined
  const rate = /^\d+(?:\.\d*)?(?:e[+-]?\d+)?$|^\.\d+$/i.test(text) ? Number(text) : Number.NaN
  if (!(rate >= 0 && rate <= 1))
    throw malformed('cobertura', `states ${name} as ${JSON.stringify(text.slice(0, 40))}, which is not from 0 to 1`)
  return rate
}

function read(text: string): { root: XmlElement; lines: LineTable } {
  let root: XmlElement | undefined
  let file = ''
  const lines = new LineTable()
  readXml('cobertura', text, {
    open: (element) => {
      if (!root) {
        if (!isCobertura(element)) throw wrongFormat('cobertura', 'it is no <coverage> with a line-rate')
        root = element
        checkedRate(root, 'line-rate')
        checkedRate(root, 'branch-rate')
      } else if (element.name === 'class') file = element.attributes['filename'] ?? element.attributes['name'] ?? ''
      else if (element.name === 'line') lines.add(file, element)
    },
  })
  if (!root) throw malformed('cobertura', 'has no root element')
  return { root, lines }
}

/** The lines of one file: whether each was hit, and the branches of those that have any. */
interface FileLines {
  hits: Map<string, boolean>
  branches: Map<string, CoverageRatio>
}

/** The lines of all files, each once: writers list a line in its method and again in its class, and in every class of its file. */
class LineTable {
  readonly #files = new Map<string, FileLines>()

  add(file: string, { attributes, line: at }: XmlElement): void {
    const number = attributes['number'] ?? ''
    const count = statedCount('cobertura', `the hits of line ${number.slice(0, 20)} (on line ${at} of the report)`, attributes['hits'])
    if (count === undefined) throw malformed('cobertura', `has a line without hits on its line ${at}`)
    const [, covered = '0', total = '0'] = /\((\d{1,9})\/(\d{1,9})\)/.exec(attributes['condition-coverage'] ?? '') ?? []
    if (Number(covered) > Number(total))
      throw malformed('cobertura', `states ${covered} covered branches of only ${total} on its line ${at}`)
    const { hits, branches } = this.#linesOf(file)
    hits.set(number, count > 0 || hits.get(number) === true)
    if (total === '0') return
    const known = branches.get(number) ?? { covered: 0, total: 0 }
    branches.set(number, { covered: Math.max(Number(covered), known.covered), total: Math.max(Number(total), known.total) })
  }

  lines(): CoverageRatio | null {
    const sum = new RatioSum()
    for (const { hits } of this.#files.values()) for (const hit of hits.values()) sum.add(hit ? 1 : 0, 1)
    return sum.ratio('cobertura', 'lines')
  }

  branches(): CoverageRatio | null {
    const sum = new RatioSum()
    for (const { branches } of this.#files.values()) for (const { covered, total } of branches.values()) sum.add(covered, total)
    return sum.ratio('cobertura', 'branches')
  }

  #linesOf(file: string): FileLines {
    let lines = this.#files.get(file)
    if (!lines) {
      lines = { hits: new Map(), branches: new Map() }
      this.#files.set(file, lines)
    }
    return lines
  }
}
