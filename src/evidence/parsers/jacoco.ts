import type { CoverageRatio } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { coverageResult, ratioOf, RatioSum, stampOf, statedCount, worstOf } from './coverage-fields.ts'
import { malformed, report, wrongFormat } from './report.ts'
import { readXml, xmlOpening, type XmlElement } from './xml-reader.ts'

/**
 * JaCoCo XML, as JaCoCo and Kover write it. The counters that are children of the report itself count, as far as those of its packages and the
 * listed lines bear them out. A report is as old as its last session: executions are appended to those of earlier runs.
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
      ...coverageResult({
        lines: worstOf(counters.ratio('LINE'), counters.listedLines.ratio('jacoco', 'lines')),
        branches: worstOf(counters.ratio('BRANCH'), counters.listedBranches.ratio('jacoco', 'branches')),
        functions: counters.ratio('METHOD'),
      }),
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
      else if (element.name === 'counter') counters.add(element, path.length === 1 ? 'report' : path.at(-1))
      else if (element.name === 'line' && path.at(-1) === 'sourcefile') counters.addLine(element)
    },
  })
  return counters
}

/** The counters of the report itself, what its packages and lines add up to, and the types that stand anywhere below. */
class Counters {
  lastDump: string | null = null
  readonly listedLines = new RatioSum()
  readonly listedBranches = new RatioSum()
  readonly #totals = new Map<string, CoverageRatio>()
  readonly #packages = new Map<string, RatioSum>()
  readonly #below = new Set<string>()

  addSession({ attributes }: XmlElement): void {
    const dump = stampOf(attributes['dump'])
    if (dump !== null && (this.lastDump === null || dump > this.lastDump)) this.lastDump = dump
  }

  /** Missed and covered instructions and branches of one line. */
  addLine(element: XmlElement): void {
    const [ci, mb, cb] = [count(element, 'ci') ?? 0, count(element, 'mb') ?? 0, count(element, 'cb') ?? 0]
    this.listedLines.add(ci > 0 ? 1 : 0, 1)
    this.listedBranches.add(cb, mb + cb)
  }

  add(element: XmlElement, owner: string | undefined): void {
    const { line } = element
    const type = element.attributes['type'] ?? ''
    const [missed, covered] = [count(element, 'missed'), count(element, 'covered')]
    if (type === '' || missed === undefined || covered === undefined) throw malformed('jacoco', `has a broken counter on line ${line}`)
    if (owner !== 'report') {
      if (missed + covered > 0) this.#below.add(type)
      if (owner === 'package') this.#addPackage(type, covered, missed + covered)
      return
    }
    if (this.#totals.has(type)) throw malformed('jacoco', `has a second counter of its type on line ${line}`)
    this.#totals.set(type, { covered, total: missed + covered })
  }

  #addPackage(type: string, covered: number, total: number): void {
    const sum = this.#packages.get(type) ?? new RatioSum()
    sum.add(covered, total)
    this.#packages.set(type, sum)
  }

  /** @throws {ReportError} if only parts of the report have the counter: their sum could leave some out */
  ratio(type: string): CoverageRatio | null {
    const total = this.#totals.get(type)
    if (this.#below.has(type) && !total?.total) throw malformed('jacoco', `counts ${type} in its packages and not for the whole`)
    return worstOf(
      total ? ratioOf('jacoco', type, total.covered, total.total) : null,
      this.#packages.get(type)?.ratio('jacoco', type) ?? null,
    )
  }
}

function count({ attributes, line }: XmlElement, name: string): number | undefined {
  return statedCount('jacoco', `${name} on line ${line}`, attributes[name])
}
