import type { CoverageRatio } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { coverageResult, ratioOf, statedCount } from './coverage-fields.ts'
import { malformed, report, wrongFormat } from './report.ts'
import { readXml, xmlOpening, type XmlElement } from './xml-reader.ts'

/**
 * OpenCover XML, as OpenCover, coverlet and AltCover write it. Only the summary of the session itself counts, and its lines are sequence points:
 * those of modules, classes and methods add up to them.
 * https://github.com/OpenCover/opencover/wiki/Reports
 */
export const opencover: ReportParser = {
  format: 'opencover',
  classes: ['coverage'],
  claims: ({ text }) => xmlOpening(text)?.root.name === 'CoverageSession',
  parse: ({ text }) => {
    const { summary, points } = read(text)
    const lines = ratio(summary, 'SequencePoints')
    if (lines === null && points > 0) throw malformed('opencover', 'holds sequence points that its summary does not count')
    return report({ name: 'opencover', version: null }, ['coverage'], {
      ...coverageResult({ lines, branches: ratio(summary, 'BranchPoints'), functions: ratio(summary, 'Methods') }),
    })
  },
}

function read(text: string): { summary: XmlElement; points: number } {
  let summary: XmlElement | undefined
  let points = 0
  readXml('opencover', text, {
    open: (element, path) => {
      if (path.length === 0 && element.name !== 'CoverageSession') throw wrongFormat('opencover', 'its root is no <CoverageSession>')
      if (element.name === 'SequencePoint') points++
      if (path.length !== 1 || element.name !== 'Summary') return
      if (summary) throw malformed('opencover', `has a second summary on line ${element.line}`)
      summary = element
    },
  })
  if (!summary) throw malformed('opencover', 'has no summary of the session')
  return { summary, points }
}

/** Only sequence points are always written; a total and its visited part stand together. */
function ratio({ attributes, line }: XmlElement, what: 'SequencePoints' | 'BranchPoints' | 'Methods'): CoverageRatio | null {
  const total = statedCount('opencover', `num${what}`, attributes[`num${what}`])
  const visited = statedCount('opencover', `visited${what}`, attributes[`visited${what}`])
  if (total === undefined && visited === undefined && what !== 'SequencePoints') return null
  if (total === undefined || visited === undefined) throw malformed('opencover', `states only part of its ${what} on line ${line}`)
  return ratioOf('opencover', what, visited, total)
}
