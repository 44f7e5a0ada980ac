import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { FINDING_CLASSES } from '../../../../src/evidence/parsers/findings-schema.ts'
import { summarise } from '../../../../src/evidence/summary.ts'
import { byId, counted, jsonFixture, read, readDocument, refusal } from '../reading.ts'

const SMALLEST = jsonFixture('findings/smallest.json')

function withFinding(finding: unknown, rest: object = {}): unknown {
  return { ...SMALLEST, ...rest, findings: [finding] }
}

describe('the parser of the format findings', () => {
  it('reads a document with nothing but what it must have', () => {
    const report = read('findings/smallest.json')
    assert.deepEqual([report.tool, report.scanned, report.completeness], [{ name: 'linter', version: null }, ['sast'], 'complete'])
    assert.deepEqual(counted(report), {})
  })

  it('reads all that a document can say, repeats once with the worse severity', () => {
    const report = read('findings/whole.json')
    assert.deepEqual(report.scanned, ['vulnerabilities', 'licences'])
    assert.deepEqual([report.reportedAt, report.databaseAt], ['2026-11-02T10:00:00+01:00', '2026-11-01T00:00:00Z'])
    assert.deepEqual(
      [report.statedDigests, report.platform, report.examined],
      [[`sha256:${'ab'.repeat(32)}`], 'linux/arm64/v8', ['services/cart']],
    )
    assert.deepEqual(counted(report), { critical: 1, unknown: 1 })
    const found = byId(report, 'CVE-2026-1001')
    assert.deepEqual(
      [found.class, found.aliases, found.score, found.fixedVersion],
      ['vulnerabilities', ['GHSA-aaaa-bbbb-cccc'], 8.1, '2.2.3'],
    )
    assert.equal(byId(report, 'GPL-2.0').suppressionReason, 'only for tests')
  })

  it('takes the word of a document that calls itself incomplete', () => {
    const report = read('findings/failed.json')
    assert.deepEqual([report.completeness, report.completenessReason], ['failed', 'Out of memory.'])
    assert.equal(read('findings/empty.json').completenessReason, 'The report calls itself empty.')
  })

  it('counts findings of every class that it can name', () => {
    for (const name of FINDING_CLASSES) {
      const report = readDocument(withFinding({ id: 'R', severity: 'high' }, { scanned: [name] }))
      assert.equal(summarise(report).classes?.[name]?.high, 1, name)
    }
  })

  it('refuses members that it does not know, at every level', () => {
    assert.equal(refusal({ ...SMALLEST, result: [] }), 'report_malformed')
    assert.equal(refusal({ ...SMALLEST, tool: { name: 'linter', vendor: 'x' } }), 'report_malformed')
    assert.equal(refusal(withFinding({ id: 'R', severity: 'low', level: 'x' })), 'report_malformed')
    assert.throws(() => readDocument(withFinding({ id: 'R', severity: 'low', level: 'x' })), { message: /\/findings\/0 .*"level"/ })
  })

  it('refuses what lacks its classes, its findings or their severity, and severities of one’s own', () => {
    for (const missing of ['tool', 'scanned', 'findings'])
      assert.equal(refusal({ ...SMALLEST, [missing]: undefined }), 'report_malformed', missing)
    for (const scanned of [[], ['tests'], ['sast', 'sast'], 'sast']) assert.equal(refusal({ ...SMALLEST, scanned }), 'report_malformed')
    assert.equal(refusal({ ...SMALLEST, findings: null }), 'report_malformed')
    assert.equal(refusal(withFinding({ id: 'R' })), 'report_malformed')
    assert.equal(refusal(withFinding({ id: 'R', severity: 'HIGH' })), 'report_malformed')
    assert.equal(refusal({ ...SMALLEST, reportedAt: '2026-11-02T10:00:00' }), 'report_malformed')
  })

  it('refuses a finding whose class is open, or is not among those that were examined', () => {
    assert.equal(refusal(withFinding({ id: 'R', severity: 'low' }, { scanned: ['sast', 'dast'] })), 'report_malformed')
    assert.equal(refusal(withFinding({ class: 'secrets', id: 'R', severity: 'low' })), 'report_malformed')
  })

  it('refuses other documents', () => {
    assert.equal(refusal({ ...SMALLEST, schema: undefined }, 'findings'), 'report_wrong_format')
    assert.equal(refusal({ ...SMALLEST, schema: 'portcullis/findings/2' }, 'findings'), 'report_wrong_format')
    assert.equal(refusal([], 'findings'), 'report_wrong_format')
  })
})
