import type { CoverageTotals } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { coverageResult, ratioOf, stampOf, statedCount } from './coverage-fields.ts'
import { malformed, report, wrongFormat } from './report.ts'
import { readXml, xmlOpening, type XmlElement } from './xml-reader.ts'

/**
 * Clover XML, as OpenClover, PHPUnit and Istanbul write it. Only the totals of the project count: those of packages and files add up to
 * them, and `testproject` is the coverage of the tests themselves.
 * https://bitbucket.org/atlassian/clover/src/default/etc/schema/clover.xsd
 */
export const clover: ReportParser = {
  format: 'clover',
  classes: ['coverage'],
  claims: ({ text }) => {
    const opening = xmlOpening(text)
    return opening?.root.name === 'coverage' && isClover(opening.root, opening.firstChild)
  },
  parse: ({ text }) => {
    const { root, projects, metrics } = read(text)
    if (root?.name !== 'coverage' || projects === 0) throw wrongFormat('clover', 'it is no <coverage> with a <project>')
    if (metrics.length !== projects) throw malformed('clover', `has ${projects} project and ${metrics.length} metrics of it`)
    return report({ name: 'clover', version: root.attributes['clover'] || null }, ['coverage'], {
      reportedAt: stampOf(root.attributes['generated']),
      ...coverageResult(totalsOf(metrics)),
    })
  },
}

/** Cobertura's root has the same name, but rates and no project. */
function isClover(root: XmlElement, firstChild: string | undefined): boolean {
  if ('line-rate' in root.attributes || 'lines-valid' in root.attributes) return false
  return 'generated' in root.attributes || 'clover' in root.attributes || firstChild === 'project' || firstChild === 'testproject'
}

function read(text: string): { root: XmlElement | undefined; projects: number; metrics: XmlElement[] } {
  let root: XmlElement | undefined
  let projects = 0
  const metrics: XmlElement[] = []
  readXml('clover', text, {
    open: (element, path) => {
      root ??= element
      if (path.length === 1 && element.name === 'project') projects++
      if (path.length === 2 && path[1] === 'project' && element.name === 'metrics' && metrics.length <= projects) metrics.push(element)
    },
  })
  return { root, projects, metrics }
}

function totalsOf(metrics: readonly XmlElement[]): CoverageTotals {
  const sum = (what: string, attribute: string) => {
    const total = metrics.reduce((sum, element) => sum + count(element, attribute), 0)
    return ratioOf(
      'clover',
      what,
      metrics.reduce((sum, element) => sum + count(element, `covered${attribute}`), 0),
      total,
    )
  }
  sum('elements', 'elements')
  return { lines: sum('statements', 'statements'), branches: sum('conditionals', 'conditionals'), functions: sum('methods', 'methods') }
}

/** Only statements are always written; a total and its covered part stand together. */
function count({ attributes, line }: XmlElement, name: string): number {
  const stated = statedCount('clover', name, attributes[name])
  const partner = name.startsWith('covered') ? name.slice('covered'.length) : `covered${name}`
  if (stated === undefined && (partner in attributes || name.endsWith('statements'))) {
    throw malformed('clover', `lacks ${name} in the project's metrics on line ${line}`)
  }
  return stated ?? 0
}
