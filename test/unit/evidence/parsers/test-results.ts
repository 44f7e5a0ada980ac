import assert from 'node:assert/strict'

import type { ParsedReport, TestTotals } from '../../../../src/evidence/model.ts'

export function testsOf(report: ParsedReport): TestTotals {
  assert.deepEqual(report.scanned, ['tests'])
  assert.ok(report.tests)
  return report.tests
}

/** passed, failed, errored, skipped */
export function counts(report: ParsedReport): number[] {
  const { total, passed, failed, errored, skipped } = testsOf(report)
  assert.equal(total, passed + failed + errored + skipped)
  return [passed, failed, errored, skipped]
}
