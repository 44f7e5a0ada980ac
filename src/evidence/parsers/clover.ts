import type { CoverageRatio, CoverageTotals } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { coverageResult, RatioSum, stampOf, statedCount, worstOf } from './coverage-fields.ts'
import { malformed, report, wrongFormat } from './report.ts'
import { readXml, xmlOpening, type XmlElement } from './xml-reader.ts'

/**
 * Clover XML, as OpenClover, PHPUnit and Istanbul write it. The totals of the project count, as far as those of its files and the listed lines
 * bear them out; `testproject` is the coverage of the tests themselves.
 * https://bitbucket.org/atlassian/clover/src/default/etc/schema/clover.xsd
 */
export const clover: ReportParser = {
  format: 'clover',
  classes: ['coverage'],
  claims: ({ text }) => {
    const { root, firstChild } = xmlOpening(text) ?? {}
    if (!root || !mayBeClover(root)) return false
    return 'generated' in root.attributes || 'clover' in root.attributes || firstChild === 'project' || firstChild === 'testproject'
  },
  parse: ({ text }) => {
    const { root, projects, metrics, files, lines } = read(text)
    if (!root || projects === 0) throw wrongFormat('clover', 'its <coverage> holds no <project>')
    if (metrics.length !== projects) throw malformed('clover', 'has a project without metrics')
    return report({ name: 'clover', version: root.attributes['clover'] || null }, ['coverage'], {
      reportedAt: stampOf(root.attributes['generated']),
      ...coverageResult(totalsOf(metrics, files, lines.ratio('clover', 'lines'))),
    })
  },
}

/** Cobertura's root has the same name, but states rates or totals and holds no project. */
function mayBeClover({ name, attributes }: XmlElement): boolean {
  return name === 'coverage' && !('line-rate' in attributes) && !('lines-valid' in attributes)
}

const COUNTED = ['statements', 'conditionals', 'methods', 'elements'] as const
type Counted = (typeof COUNTED)[number]
type Sums = Record<Counted, RatioSum>

interface Counts {
  root: XmlElement | undefined
  projects: number
  /** Of each project. */
  metrics: XmlElement[]
  files: Sums
  lines: RatioSum
}

function read(text: string): Counts {
  let root: XmlElement | undefined
  let projects = 0
  const metrics: XmlElement[] = []
  const files = newSums()
  const lines = new RatioSum()
  readXml('clover', text, {
    open: (element, path) => {
      if (path.length === 0 && !mayBeClover(element)) throw wrongFormat('clover', 'its root is no <coverage> without rates')
      root ??= element
      if (path.length === 1 && element.name === 'project') projects++
      if (path[1] !== 'project') return
      if (path.at(-1) === 'file') addPart(element, files, lines)
      if (path.length !== 2 || element.name !== 'metrics') return
      if (metrics.length !== projects - 1)
        throw malformed('clover', `has metrics on line ${element.line} that are not the only ones of their project`)
      metrics.push(element)
    },
  })
  return { root, projects, metrics, files, lines }
}

function newSums(): Sums {
  return { statements: new RatioSum(), conditionals: new RatioSum(), methods: new RatioSum(), elements: new RatioSum() }
}

/** Conditions are lines too, with a count of their own where the writer counts lines (Istanbul). */
function addPart(element: XmlElement, files: Sums, lines: RatioSum): void {
  if (element.name === 'metrics') addMetrics(files, element)
  if (element.name !== 'line' || element.attributes['type'] === 'method') return
  const hits = statedCount('clover', `the count of a line (on line ${element.line} of the report)`, element.attributes['count'])
  if (hits !== undefined) lines.add(hits > 0 ? 1 : 0, 1)
}

function addMetrics(sums: Sums, element: XmlElement): void {
  for (const what of COUNTED) sums[what].add(count(element, `covered${what}`), count(element, what))
}

function totalsOf(metrics: readonly XmlElement[], files: Sums, lines: CoverageRatio | null): CoverageTotals {
  const sums = newSums()
  for (const element of metrics) addMetrics(sums, element)
  const ratio = (what: Counted) => worstOf(sums[what].ratio('clover', what), files[what].ratio('clover', what))
  ratio('elements')
  return { lines: worstOf(ratio('statements'), lines), branches: ratio('conditionals'), functions: ratio('methods') }
}

/** Only statements are always written; a total and its covered part stand together. */
function count({ attributes, line }: XmlElement, name: string): number {
  const stated = statedCount('clover', name, attributes[name])
  const partner = name.startsWith('covered') ? name.slice('covered'.length) : `covered${name}`
  if (stated === undefined && (partner in attributes || name.endsWith('statements'))) {
    throw malformed('clover', `lacks ${name} in the metrics on line ${line}`)
  }
  return stated ?? 0
}
