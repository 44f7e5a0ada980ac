/**
 * Compares what the parsers make of a corpus of real reports with counts made in another way. It runs where the environment variable
 * PORTCULLIS_CORPUS names the directory of the corpus, which is not part of the repository.
 */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'

import { isAppError } from '../../src/core/app-error.ts'
import { readReport, type ReadReport } from '../../src/evidence/read-report.ts'
import { summarise } from '../../src/evidence/summary.ts'
import { coverage } from './corpus/coverage.ts'
import { statics } from './corpus/static.ts'
import type { CorpusTable, Expected, Figures } from './corpus/table.ts'
import { tests } from './corpus/tests.ts'
import { vex } from './corpus/vex.ts'
import { vulnerabilities } from './corpus/vulnerabilities.ts'

const TABLES: readonly CorpusTable[] = [coverage, statics, tests, vex, vulnerabilities]

describe('the tables of the corpus', () => {
  it('hold each folder once, and no file of another', () => {
    const folders = TABLES.flatMap((table) => table.folders)
    assert.equal(new Set(folders).size, folders.length)
    for (const { folders: own, files } of TABLES) {
      const strangers = Object.keys(files).filter((path) => !own.some((folder) => path.startsWith(`${folder}/`)))
      assert.deepEqual(strangers, [])
    }
  })
})

const corpus = process.env['PORTCULLIS_CORPUS']
if (corpus !== undefined && existsSync(corpus)) compare(corpus)

function compare(directory: string): void {
  describe('the corpus', () => {
    for (const { folders, files } of TABLES) {
      for (const folder of folders) {
        it(`has all files of ${folder} in its table`, () => {
          const listed = Object.keys(files).filter((path) => path.startsWith(`${folder}/`))
          assert.deepEqual(listed.sort(), filesIn(directory, folder))
        })
      }
      for (const [path, expected] of Object.entries(files)) {
        it(`${path} is read as an independent count of it says`, () => check(readFileSync(join(directory, path)), path, expected))
      }
    }

    it('is refused with a reason where no table has it', () => {
      const known = new Set(TABLES.flatMap(({ folders }) => folders))
      const read = readdirSync(directory, { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && !known.has(entry.name))
        .flatMap(({ name }) => filesIn(directory, name))
        .filter((path) => refusalOf(readFileSync(join(directory, path)), 'auto') === null)
      assert.deepEqual(read, [])
    })
  })
}

function check(bytes: Uint8Array, path: string, expected: Expected): void {
  if ('refused' in expected) {
    assert.equal(refusalOf(bytes, 'auto'), expected.refused)
    return
  }
  if (expected.stated) assert.notEqual(refusalOf(bytes, 'auto'), null, `${path} is recognised without a stated format`)
  const read = readReport(bytes, expected.stated ? expected.format : 'auto')
  const figures = expected.figures(Buffer.from(bytes).toString('utf8'))
  assert.deepEqual([read.format, read.report.completeness], [expected.format, expected.completeness ?? 'complete'])
  assert.ok(Object.keys(figures).length > 0)
  assert.deepEqual(only(Object.keys(figures), figuresOf(read)), figures)
}

function figuresOf({ report }: ReadReport): Figures {
  const { counts, fixable, suppressed, scanned: _scanned, classes: _classes, ...figures } = summarise(report)
  return { ...figures, ...counts, fixable: sum(fixable), suppressed: sum(suppressed) }
}

function sum(counts: Readonly<Record<string, number>> | undefined): number {
  return Object.values(counts ?? {}).reduce((total, count) => total + count, 0)
}

function only(names: readonly string[], figures: Figures): Figures {
  return Object.fromEntries(names.map((name) => [name, figures[name] ?? null]))
}

function filesIn(directory: string, folder: string): string[] {
  return readdirSync(join(directory, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort()
}

/** The code of the refusal; null if the report was read. */
function refusalOf(bytes: Uint8Array, format: string): string | null {
  try {
    readReport(bytes, format)
    return null
  } catch (error) {
    if (isAppError(error)) return error.code
    throw error
  }
}
