import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

import { isAppError } from '../../../src/core/app-error.ts'
import { readReport, type ReadReport } from '../../../src/evidence/read-report.ts'
import { summarise } from '../../../src/evidence/summary.ts'
import { coverage } from './coverage.ts'
import { statics } from './static.ts'
import type { CorpusTable, Expected, Figures } from './table.ts'
import { tests } from './tests.ts'
import { unlisted } from './unlisted.ts'
import { vex } from './vex.ts'
import { vulnerabilities } from './vulnerabilities.ts'

/** Together they name every file of the corpus, each once. */
export const TABLES: readonly CorpusTable[] = [coverage, statics, tests, unlisted, vex, vulnerabilities]

/** How a directory of reports compares with the tables. */
export interface CorpusCheck {
  read: number
  refused: number
  /** Sentences, each with the file's path: what differs from the tables, or is missing on either side. */
  differences: string[]
}

/** Reads every file of the directory, and compares what comes of it with what the tables expect. */
export function checkCorpus(directory: string, tables: readonly CorpusTable[] = TABLES): CorpusCheck {
  const expectations = new Map(tables.flatMap((table) => Object.entries(table)))
  const outcome: CorpusCheck = { read: 0, refused: 0, differences: [] }
  const present = filesUnder(directory)
  for (const path of present) {
    const expected = expectations.get(path)
    const difference =
      expected === undefined ? `no table says what comes of it` : differenceOf(readFileSync(join(directory, path)), expected)
    if (difference !== undefined) outcome.differences.push(`${path}: ${difference}`)
    else if (expected && 'refused' in expected) outcome.refused++
    else outcome.read++
  }
  const absent = new Set(expectations.keys()).difference(new Set(present))
  outcome.differences.push(...[...absent].map((path) => `${path}: it isn't there`))
  return outcome
}

/** What differs, in words; undefined if nothing does. */
function differenceOf(bytes: Uint8Array, expected: Expected): string | undefined {
  const recognised = outcomeOf(bytes, 'auto')
  if ('refused' in expected) {
    return recognised === expected.refused ? undefined : `${told(recognised)}, where ${expected.refused} was expected`
  }
  if (expected.stated && typeof recognised !== 'string') return `${told(recognised)} without a stated format`
  const read = expected.stated ? outcomeOf(bytes, expected.format) : recognised
  if (typeof read === 'string') return told(read)
  const completeness = expected.completeness ?? 'complete'
  if (read.format !== expected.format || read.report.completeness !== completeness) {
    return `${told(read)}, where ${expected.format}, ${completeness} was expected`
  }
  return differingFigures(figuresOf(read), expected.figures(Buffer.from(bytes).toString('utf8')))
}

/** Only what was counted is compared, and something has to be. */
function differingFigures(read: Figures, counted: Figures): string | undefined {
  const names = Object.keys(counted)
  if (names.length === 0) return 'nothing was counted'
  const differing = names.filter((name) => (read[name] ?? null) !== counted[name])
  if (differing.length === 0) return undefined
  return differing.map((name) => `${name} read as ${read[name] ?? null}, counted as ${counted[name]}`).join('; ')
}

/** A code tells of a refusal. */
function outcomeOf(bytes: Uint8Array, format: string): ReadReport | string {
  try {
    return readReport(bytes, format)
  } catch (error) {
    if (isAppError(error)) return error.code
    throw error
  }
}

function told(outcome: ReadReport | string): string {
  return typeof outcome === 'string' ? `refused with ${outcome}` : `read as ${outcome.format}, ${outcome.report.completeness}`
}

function figuresOf({ report }: ReadReport): Figures {
  const { counts, fixable, suppressed, scanned: _scanned, classes: _classes, ...figures } = summarise(report)
  return { ...figures, ...counts, fixable: sum(fixable), suppressed: sum(suppressed) }
}

function sum(counts: Readonly<Record<string, number>> | undefined): number {
  return Object.values(counts ?? {}).reduce((total, count) => total + count, 0)
}

/** Paths below the directory, with slashes. */
function filesUnder(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
    .toSorted()
}
