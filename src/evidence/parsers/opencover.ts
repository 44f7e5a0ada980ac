import type { CoverageRatio } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { coverageResult, ratioOf, RatioSum, statedCount, worstOf } from './coverage-fields.ts'
import { malformed, report, wrongFormat } from './report.ts'
import { readXml, xmlOpening, type XmlElement } from './xml-reader.ts'

/**
 * OpenCover XML, as OpenCover, coverlet and AltCover write it. The summary of the session counts as far as those of its classes and the listed
 * sequence points, which are its lines, bear it out.
 * https://github.com/OpenCover/opencover/wiki/Reports
 */
export const opencover: ReportParser = {
  format: 'opencover',
  classes: ['coverage'],
  claims: ({ text }) => xmlOpening(text)?.root.name === 'CoverageSession',
  parse: ({ text }) => {
    const { summary, classes, points } = read(text)
    const ratio = (what: Counted) => worstOf(ratioIn(summary, what), classes[what].ratio('opencover', what))
    const [stated, listed] = [ratio('SequencePoints'), points.ratio('opencover', 'sequence points')]
    if (stated === null && listed !== null) throw malformed('opencover', 'holds sequence points that its summary does not count')
    return report({ name: 'opencover', version: null }, ['coverage'], {
      ...coverageResult({ lines: worstOf(stated, listed), branches: ratio('BranchPoints'), functions: ratio('Methods') }),
    })
  },
}

const COUNTED = ['SequencePoints', 'BranchPoints', 'Methods'] as const
type Counted = (typeof COUNTED)[number]

interface Counts {
  summary: XmlElement
  classes: Record<Counted, RatioSum>
  points: RatioSum
}

function read(text: string): Counts {
  let summary: XmlElement | undefined
  const classes = { SequencePoints: new RatioSum(), BranchPoints: new RatioSum(), Methods: new RatioSum() }
  const points = new RatioSum()
  readXml('opencover', text, {
    open: (element, path) => {
      if (path.length === 0 && element.name !== 'CoverageSession') throw wrongFormat('opencover', 'its root is no <CoverageSession>')
      if (element.name === 'SequencePoint') points.add(visits(element) > 0 ? 1 : 0, 1)
      if (element.name !== 'Summary') return
      if (path.at(-1) === 'Class') {
        for (const what of COUNTED) addTo(classes[what], ratioIn(element, what))
      }
      if (path.length !== 1) return
      if (summary) throw malformed('opencover', `has a second summary on line ${element.line}`)
      summary = element
    },
  })
  if (!summary) throw malformed('opencover', 'has no summary of the session')
  return { summary, classes, points }
}

function addTo(sum: RatioSum, ratio: CoverageRatio | null): void {
  if (ratio) sum.add(ratio.covered, ratio.total)
}

function visits({ attributes, line }: XmlElement): number {
  const count = statedCount('opencover', `vc on line ${line}`, attributes['vc'])
  if (count === undefined) throw malformed('opencover', `has a sequence point without visits on line ${line}`)
  return count
}

/** Only sequence points are always written; a total and its visited part stand together. */
function ratioIn({ attributes, line }: XmlElement, what: Counted): CoverageRatio | null {
  const total = statedCount('opencover', `num${what}`, attributes[`num${what}`])
  const visited = statedCount('opencover', `visited${what}`, attributes[`visited${what}`])
  if (total === undefined && visited === undefined && what !== 'SequencePoints') return null
  if (total === undefined || visited === undefined) throw malformed('opencover', `states only part of its ${what} on line ${line}`)
  return ratioOf('opencover', what, visited, total)
}
