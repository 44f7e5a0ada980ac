import type { CoverageRatio } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { coverageResult, ratioOf, stampOf, statedCount } from './coverage-fields.ts'
import { malformed, report, wrongFormat } from './report.ts'
import { readXml, xmlOpening, type XmlElement } from './xml-reader.ts'

/**
 * JaCoCo XML, as JaCoCo and Kover write it. Only the counters that are children of the report itself count: those of groups, packages,
 * classes and methods add up to them. A report is as old as its last session: executions are appended to those of earlier runs.
 * https://www.jacoco.org/jacoco/trunk/coverage/report.dtd
 */
export const jacoco: ReportParser = {
  format: 'jacoco',
  classes: ['coverage'],
  claims: ({ text }) => {
    const { root, firstChild } = xmlOpening(text) ?? {}
    return root?.name === 'report' && (DOCTYPE.test(text.slice(0, 4096)) || CHILDREN.has(firstChild ?? ''))
  },
  parse: ({ text }) => {
    const counters = read(text)
    return report({ name: 'jacoco', version: null }, ['coverage'], {
      reportedAt: counters.lastDump,
      ...coverageResult({ lines: counters.ratio('LINE'), branches: counters.ratio('BRANCH'), functions: counters.ratio('METHOD') }),
    })
  },
}

const DOCTYPE = /<!DOCTYPE\s+report\s[^>[]{0,300}jacoco/i
const CHILDREN: ReadonlySet<string> = new Set(['sessioninfo', 'group', 'package', 'counter'])

function read(text: string): Counters {
  const counters = new Counters()
  readXml('jacoco', text, {
    open: (element, path) => {
      if (path.length === 0 && element.name !== 'report') throw wrongFormat('jacoco', 'its root is no <report>')
      if (path.length === 1 && element.name === 'sessioninfo') counters.addSession(element)
      else if (path.length === 1 && !CHILDREN.has(element.name))
        throw wrongFormat('jacoco', 'its <report> holds other things than counters')
      else if (element.name === 'counter') counters.add(element, path.length === 1)
    },
  })
  return counters
}

/** The counters of the report itself, and the types that stand anywhere below. */
class Counters {
  lastDump: string | null = null
  readonly #totals = new Map<string, CoverageRatio>()
  readonly #below = new Set<string>()

  addSession({ attributes }: XmlElement): void {
    const dump = stampOf(attributes['dump'])
    if (dump !== null && (this.lastDump === null || dump > this.lastDump)) this.lastDump = dump
  }

  add({ attributes, line }: XmlElement, ofReport: boolean): void {
    const type = attributes['type'] ?? ''
    const missed = statedCount('jacoco', `missed on line ${line}`, attributes['missed'])
    const covered = statedCount('jacoco', `covered on line ${line}`, attributes['covered'])
    if (type === '' || missed === undefined || covered === undefined) throw malformed('jacoco', `has a broken counter on line ${line}`)
    if (!ofReport) {
      if (missed + covered > 0) this.#below.add(type)
      return
    }
    if (this.#totals.has(type)) throw malformed('jacoco', `has a second counter of its type on line ${line}`)
    this.#totals.set(type, { covered, total: missed + covered })
  }

  /** @throws {ReportError} if only parts of the report have the counter: their sum could leave some out */
  ratio(type: string): CoverageRatio | null {
    const total = this.#totals.get(type)
    if (this.#below.has(type) && !total?.total) throw malformed('jacoco', `counts ${type} in its packages and not for the whole`)
    return total ? ratioOf('jacoco', type, total.covered, total.total) : null
  }
}
