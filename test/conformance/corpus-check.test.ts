import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { junit, trivy } from '../support/reports.ts'
import { checkCorpus, TABLES } from './corpus/check.ts'
import type { CorpusTable } from './corpus/table.ts'

const FILES: Readonly<Record<string, string>> = {
  'junit/three.xml': junit({ passed: 3 }),
  'trivy/high.json': trivy({ severities: ['HIGH', 'HIGH', 'LOW'] }),
  'trivy/old.json': '[]',
  'trivy/cut.json': '{"SchemaVersion": 2, "Results": [',
}

/** What the files are read as, counted by hand. */
const RIGHT: CorpusTable = {
  'junit/three.xml': { format: 'junit', figures: () => ({ total: 3, passed: 3, failed: 0 }) },
  'trivy/high.json': { format: 'trivy', figures: () => ({ critical: 0, high: 2, low: 1 }) },
  'trivy/old.json': { format: 'trivy', stated: true, completeness: 'empty', figures: () => ({ high: 0 }) },
  'trivy/cut.json': { refused: 'report_malformed' },
}

describe('The check of the corpus', () => {
  let directory = ''
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'portcullis-corpus-'))
    for (const [path, text] of Object.entries(FILES)) {
      mkdirSync(join(directory, dirname(path)), { recursive: true })
      writeFileSync(join(directory, path), text)
    }
  })
  after(() => rmSync(directory, { recursive: true }))

  const differences = (changes: CorpusTable): string[] => checkCorpus(directory, [RIGHT, changes]).differences

  it('counts the files that are read and refused as expected', () => {
    assert.deepEqual(checkCorpus(directory, [RIGHT]), { read: 3, refused: 1, differences: [] })
  })

  it('names every figure that was counted otherwise', () => {
    assert.deepEqual(differences({ 'trivy/high.json': { format: 'trivy', figures: () => ({ high: 3, low: 1, unknown: 2 }) } }), [
      'trivy/high.json: high read as 2, counted as 3; unknown read as 0, counted as 2',
    ])
  })

  it('is not content with a file of which nothing was counted', () => {
    assert.deepEqual(differences({ 'trivy/high.json': { format: 'trivy', figures: () => ({}) } }), ['trivy/high.json: nothing was counted'])
  })

  it('tells of another format, of another completeness and of a format that had to be stated', () => {
    const { figures } = { figures: () => ({ high: 0 }) }
    assert.deepEqual(
      differences({
        'junit/three.xml': { format: 'nunit', figures },
        'trivy/high.json': { format: 'trivy', stated: true, figures },
        'trivy/old.json': { format: 'trivy', stated: true, figures },
      }),
      [
        'junit/three.xml: read as junit, complete, where nunit, complete was expected',
        'trivy/high.json: read as trivy, complete without a stated format',
        'trivy/old.json: read as trivy, empty, where trivy, complete was expected',
      ],
    )
  })

  it('tells of what was refused for another reason, was refused at all, or was not', () => {
    assert.deepEqual(
      differences({
        'junit/three.xml': { refused: 'report_empty' },
        'trivy/cut.json': { refused: 'report_empty' },
        'trivy/old.json': { format: 'trivy', figures: () => ({ high: 0 }) },
      }),
      [
        'junit/three.xml: read as junit, complete, where report_empty was expected',
        'trivy/cut.json: refused with report_malformed, where report_empty was expected',
        'trivy/old.json: refused with report_format_ambiguous',
      ],
    )
  })

  it('tells of a file that no table has, and of one that is missing', () => {
    const { 'junit/three.xml': _left, ...others } = RIGHT
    assert.deepEqual(checkCorpus(directory, [others, { 'trivy/new.json': { refused: 'report_empty' } }]).differences, [
      'junit/three.xml: no table says what comes of it',
      "trivy/new.json: it isn't there",
    ])
  })

  it('is a command that fails if anything differs', () => {
    const run = (...args: string[]) => spawnSync(process.execPath, ['scripts/corpus-check.ts', ...args], { encoding: 'utf8' })
    const { status, stdout } = run(directory)
    assert.equal(status, 1)
    assert.match(stdout, /^junit\/three\.xml: no table says what comes of it$/m)
    assert.match(stdout, /^0 read with the counts expected, 0 refused for the reason expected, \d{3} different$/m)
    assert.equal(run().status, 2)
    assert.equal(run(join(directory, 'nowhere')).status, 2)
  })
})

describe('The tables of the corpus', () => {
  it('name no file twice', () => {
    const paths = TABLES.flatMap((table) => Object.keys(table))
    assert.deepEqual(
      paths.filter((path, at) => paths.indexOf(path) !== at),
      [],
    )
  })
})
