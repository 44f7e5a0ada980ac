import type { CoverageRatio, ParsedReport } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { coverageResult, ratioOf, stampOf, statedCount } from './coverage-fields.ts'
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

/** Most trusted first: the totals that the root states, what the lines add up to, and the bare rate. */
function totalsOf(root: XmlElement, lines: LineTable): Pick<ParsedReport, 'coverage' | 'completeness' | 'completenessReason'> {
  return coverageResult({
    lines: states(root, 'lines') ? statedRatio(root, 'lines') : (lines.lines() ?? rateOf(root, 'line-rate')),
    branches: states(root, 'branches') ? statedRatio(root, 'branches') : (lines.branches() ?? rateOf(root, 'branch-rate')),
    functions: null,
  })
}

type Measured = 'lines' | 'branches'

function states({ attributes }: XmlElement, what: Measured): boolean {
  return Boolean(attributes[`${what}-valid`]?.trim() || attributes[`${what}-covered`]?.trim())
}

/** The stated totals; null where they are zero, which writers put for "not measured". */
function statedRatio({ attributes }: XmlElement, what: Measured): CoverageRatio | null {
  const [valid, covered] = [`${what}-valid`, `${what}-covered`]
  const total = statedCount('cobertura', valid, attributes[valid])
  const hit = statedCount('cobertura', covered, attributes[covered])
  if (total === undefined || hit === undefined) throw malformed('cobertura', `states only one of ${valid} and ${covered}`)
  return ratioOf('cobertura', what, hit, total)
}

const RATE_PARTS = 10_000

/**
 * A bare rate as parts of 10,000, which is exact to the two decimals that summaries show, and never rounded up.
 * Writers put 0 or 1 where nothing was measured, so that only a rate between proves that something was.
 */
function rateOf(root: XmlElement, name: 'line-rate' | 'branch-rate'): CoverageRatio | null {
  const rate = checkedRate(root, name)
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
  let needsLines = false
  const lines = new LineTable()
  readXml('cobertura', text, {
    open: (element) => {
      if (!root) {
        if (!isCobertura(element)) throw wrongFormat('cobertura', 'it is no <coverage> with a line-rate')
        root = element
        checkedRate(root, 'line-rate')
        checkedRate(root, 'branch-rate')
        needsLines = !states(root, 'lines') || !states(root, 'branches')
      } else if (element.name === 'class') file = element.attributes['filename'] ?? element.attributes['name'] ?? ''
      else if (needsLines && element.name === 'line') lines.add(file, element)
    },
  })
  if (!root) throw malformed('cobertura', 'has no root element')
  return { root, lines }
}

interface Line {
  hit: boolean
  branches: number
  coveredBranches: number
}

/** The lines of all files, each once: writers list a line in its method and again in its class, and in every class of its file. */
class LineTable {
  readonly #files = new Map<string, Map<string, Line>>()

  add(file: string, { attributes, line: at }: XmlElement): void {
    const number = attributes['number'] ?? ''
    const hits = statedCount('cobertura', `the hits of line ${number.slice(0, 20)} (on line ${at} of the report)`, attributes['hits'])
    if (hits === undefined) throw malformed('cobertura', `has a line without hits on its line ${at}`)
    const [, covered = '0', branches = '0'] = /\((\d{1,9})\/(\d{1,9})\)/.exec(attributes['condition-coverage'] ?? '') ?? []
    if (Number(covered) > Number(branches))
      throw malformed('cobertura', `states ${covered} covered branches of only ${branches} on its line ${at}`)
    const lines = this.#files.get(file) ?? new Map<string, Line>()
    const known = lines.get(number)
    this.#files.set(file, lines)
    lines.set(number, {
      hit: hits > 0 || known?.hit === true,
      branches: Math.max(Number(branches), known?.branches ?? 0),
      coveredBranches: Math.max(Number(covered), known?.coveredBranches ?? 0),
    })
  }

  lines(): CoverageRatio | null {
    return this.#sum('lines', (line) => [line.hit ? 1 : 0, 1])
  }

  branches(): CoverageRatio | null {
    return this.#sum('branches', (line) => [line.coveredBranches, line.branches])
  }

  #sum(what: string, unitsOf: (line: Line) => [covered: number, total: number]): CoverageRatio | null {
    let covered = 0
    let total = 0
    for (const lines of this.#files.values()) {
      for (const line of lines.values()) {
        const [more, of] = unitsOf(line)
        covered += more
        total += of
      }
    }
    return ratioOf('cobertura', what, covered, total)
  }
}
