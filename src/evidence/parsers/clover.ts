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
    const { root, firstChild } = xmlOpening(text) ?? {}
    if (!root || !mayBeClover(root)) return false
    return 'generated' in root.attributes || 'clover' in root.attributes || firstChild === 'project' || firstChild === 'testproject'
  },
  parse: ({ text }) => {
    const { root, projects, metrics } = read(text)
    if (!root || projects === 0) throw wrongFormat('clover', 'its <coverage> holds no <project>')
    if (metrics.length !== projects) throw malformed('clover', 'has a project without metrics')
    return report({ name: 'clover', version: root.attributes['clover'] || null }, ['coverage'], {
      reportedAt: stampOf(root.attributes['generated']),
      ...coverageResult(totalsOf(metrics)),
    })
  },
}

/** Cobertura's root has the same name, but states rates or totals and holds no project. */
function mayBeClover({ name, attributes }: XmlElement): boolean {
  return name === 'coverage' && !('line-rate' in attributes) && !('lines-valid' in attributes)
}

function read(text: string): { root: XmlElement | undefined; projects: number; metrics: XmlElement[] } {
  let root: XmlElement | undefined
  let projects = 0
  const metrics: XmlElement[] = []
  readXml('clover', text, {
    open: (element, path) => {
      if (path.length === 0 && !mayBeClover(element)) throw wrongFormat('clover', 'its root is no <coverage> without rates')
      root ??= element
      if (path.length === 1 && element.name === 'project') projects++
      if (path.length !== 2 || path[1] !== 'project' || element.name !== 'metrics') return
      if (metrics.length !== projects - 1)
        throw malformed('clover', `has metrics on line ${element.line} that are not the only ones of their project`)
      metrics.push(element)
    },
  })
  return { root, projects, metrics }
}

function totalsOf(metrics: readonly XmlElement[]): CoverageTotals {
  const sum = (attribute: string) => metrics.reduce((total, element) => total + count(element, attribute), 0)
  const ratio = (what: string) => ratioOf('clover', what, sum(`covered${what}`), sum(what))
  ratio('elements')
  return { lines: ratio('statements'), branches: ratio('conditionals'), functions: ratio('methods') }
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
