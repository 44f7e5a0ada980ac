import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { byId, counted, fixture, read, refusal } from '../reading.ts'

describe('the tfsec parser', () => {
  it('counts failed results per resource, ignored ones apart, passed ones not at all', () => {
    const report = read('tfsec/results.json')
    assert.deepEqual(report.scanned, ['misconfigurations'])
    assert.deepEqual(counted(report), { critical: 2, low: 1 })
    assert.deepEqual(byId(report, 'AVD-S3-1').aliases, ['aws-S3-1'])
    assert.equal(byId(report, 'AVD-S3-4').suppressed, true)
    assert.equal(byId(report, 'AVD-S3-2').location, '/src/main.tf:9')
  })

  it('reads results of before version 1', () => {
    const report = read('tfsec/old.json')
    assert.deepEqual(counted(report), { high: 1 })
    assert.equal(byId(report, 'AWS005').suppressed, true)
  })

  it('reads null results as clean only if the format is stated', () => {
    const report = read('tfsec/clean.json', 'tfsec')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(counted(report), {})
    assert.equal(refusal(fixture('tfsec/clean.json')), 'report_format_unknown')
  })

  it('refuses other results', () => {
    assert.equal(refusal({ results: [{}] }, 'tfsec'), 'report_wrong_format')
    assert.equal(refusal({ results: 'none' }, 'tfsec'), 'report_malformed')
    assert.equal(refusal({}, 'tfsec'), 'report_wrong_format')
    assert.equal(refusal(fixture('bandit/issues.json'), 'tfsec'), 'report_wrong_format')
    assert.equal(refusal(fixture('semgrep/clean.json'), 'tfsec'), 'report_wrong_format')
  })
})
