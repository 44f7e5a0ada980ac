import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { jsonFixture, read, readDocument, refusal } from '../reading.ts'

type Report = { meta: Record<string, unknown>; totals: Record<string, unknown>; files: Record<string, Record<string, unknown>> }

function changed(change: (report: Report) => void): unknown {
  const report = jsonFixture('coverage-py/format-3.json') as Report
  change(report)
  return report
}

describe('the coverage.py parser', () => {
  it('keeps lines and branches apart, which the percentage mixes', () => {
    const report = read('coverage-py/format-3.json')
    assert.deepEqual(report.tool, { name: 'coverage-py', version: '7.6.1' })
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(report.coverage, { lines: { covered: 9, total: 12 }, branches: { covered: 2, total: 4 }, functions: null })
    assert.equal(report.reportedAt, null, 'a time without an offset is none')
  })

  it('reads format 2, without branches', () => {
    const report = read('coverage-py/format-2.json')
    assert.deepEqual(report.coverage, { lines: { covered: 5, total: 5 }, branches: null, functions: null })
    assert.equal(report.reportedAt, '2026-01-01T10:00:00+01:00')
  })

  it('believes the totals only as far as the files and their lines bear them out', () => {
    const better = { covered_lines: 12, missing_lines: 0, num_statements: 12, covered_branches: 4, missing_branches: 0 }
    const raised = changed(({ totals }) => Object.assign(totals, better))
    assert.deepEqual(readDocument(raised).coverage, {
      lines: { covered: 9, total: 12 },
      branches: { covered: 2, total: 4 },
      functions: null,
    })
    const raisedTwice = changed(({ totals, files }) => {
      Object.assign(totals, better)
      for (const file of Object.values(files)) Object.assign(file['summary'] as object, better)
    })
    assert.deepEqual(readDocument(raisedTwice).coverage?.lines, { covered: 9, total: 12 })
  })

  it('is empty without statements, whatever the percentage says', () => {
    assert.equal(read('coverage-py/empty.json').completeness, 'empty')
  })

  it('refuses counts that are missing, broken or do not add up', () => {
    for (const field of ['covered_lines', 'missing_lines', 'num_statements', 'covered_branches', 'missing_branches', 'num_branches']) {
      for (const value of [-1, 1.5, '9', null, 1e300, 99]) {
        const document = changed(({ totals }) => (totals[field] = value))
        assert.equal(refusal(document), 'report_malformed', `${field} ${value}`)
      }
    }
    const withoutBranches = changed(({ totals }) => delete totals['num_branches'])
    assert.equal(refusal(withoutBranches), 'report_malformed')
    assert.equal(readDocument(changed(({ meta }) => (meta['branch_coverage'] = false))).coverage?.branches, null)
  })

  it('is no other document', () => {
    assert.equal(refusal({ meta: {}, files: {}, totals: {} }), 'report_format_unknown')
    assert.equal(refusal({ meta: {}, files: {}, totals: {} }, 'coverage-py'), 'report_wrong_format')
    assert.equal(refusal('{"meta":', 'coverage-py'), 'report_malformed')
  })
})
