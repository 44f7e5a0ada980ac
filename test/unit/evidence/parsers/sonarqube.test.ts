import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { byId, counted, jsonFixture, read, readDocument, refusal } from '../reading.ts'

describe('the SonarQube parser', () => {
  it('reads the quality gate of the webhook, a finding per condition that is not met', () => {
    const report = read('sonarqube/gate-failed.json')
    assert.deepEqual([report.scanned, report.completeness, report.examined], [['quality'], 'complete', ['quality gate of acme:cart']])
    assert.equal(report.reportedAt, '2026-11-02T10:00:00+01:00')
    assert.deepEqual(counted(report), { critical: 2 })
    assert.equal(byId(report, 'new_coverage').title, 'new_coverage is 61.2: LESS_THAN 80')
    assert.deepEqual(counted(read('sonarqube/gate-passed.json')), {})
  })

  it('has as measures whether there was a gate that passed, the values of its conditions, and the complexity of a function on average', () => {
    assert.deepEqual(read('sonarqube/gate-passed.json').measures, { new_coverage: 91.2, quality_gate: 1 })
    assert.equal(read('sonarqube/gate-failed.json').measures?.['quality_gate'], 0)
    const measured = (...list: [string, string][]): unknown =>
      readDocument({ component: { key: 'a', measures: list.map(([metric, value]) => ({ metric, value })) } }).measures
    assert.deepEqual(measured(['alert_status', 'OK']), { quality_gate: 1 })
    assert.deepEqual(measured(['alert_status', 'WARN']), { quality_gate: 0 })
    assert.deepEqual(measured(['complexity', '30'], ['functions', '12']), { complexity: 30, functions: 12, complexity_per_function: 2.5 })
    assert.deepEqual(measured(['complexity', '30'], ['functions', '0']), { complexity: 30, functions: 0 })
  })

  it('tells the gate of a branch and the measures apart from the main gate', () => {
    const webhook = jsonFixture('sonarqube/gate-failed.json')
    const examined = (more: object) => readDocument({ ...webhook, ...more }).examined
    assert.deepEqual(examined({ branch: { name: 'main', isMain: true } }), ['quality gate of acme:cart'])
    assert.deepEqual(examined({ branch: { name: 'next', isMain: false } }), ['quality gate of acme:cart, branch next'])
    const measures = (metric: string, value: string) =>
      readDocument({ component: { key: 'acme:cart', measures: [{ metric, value }] } }).examined
    assert.deepEqual(measures('ncloc', '10'), ['measures of acme:cart'])
    assert.deepEqual(measures('alert_status', 'OK'), ['measures of acme:cart', 'quality gate of acme:cart'])
  })

  it('takes a gate that is not met for a finding even if it names no condition', () => {
    const gate = { status: 'ERROR', conditions: [] }
    const report = readDocument({ ...jsonFixture('sonarqube/gate-passed.json'), qualityGate: gate })
    assert.equal(report.completeness, 'empty')
    assert.equal(byId(report, 'quality_gate').severity, 'critical')
  })

  it('tells the status of the analysis from that of the gate', () => {
    assert.equal(read('sonarqube/analysis-failed.json').completeness, 'failed')
    assert.equal(read('sonarqube/gate-without-values.json').completeness, 'empty')
    assert.equal(readDocument({ ...jsonFixture('sonarqube/gate-passed.json'), qualityGate: undefined }).completeness, 'empty')
  })

  it('reads issues: fixed ones are gone, accepted ones suppressed, secrets without their text', () => {
    const report = read('sonarqube/issues.json')
    assert.deepEqual(report.scanned, ['quality', 'sast', 'secrets'])
    assert.deepEqual(counted(report), { critical: 2, high: 1, low: 1 })
    assert.equal(byId(report, 'javascript:S2076').location, 'src/app.js:3')
    assert.deepEqual(
      report.findings.filter((item) => item.suppressed).map((item) => [item.id, item.severity, item.suppressionReason]),
      [
        ['javascript:S1', 'high', 'false-positive'],
        ['python:S5', 'high', 'accepted'],
      ],
    )
    assert.doesNotMatch(JSON.stringify(report.findings), /hunter2/)
  })

  it('reads hotspots', () => {
    const report = read('sonarqube/hotspots.json')
    assert.deepEqual([report.scanned, counted(report)], [['sast'], { high: 1, low: 1 }])
    assert.equal(report.findings.find((item) => item.suppressed)?.suppressionReason, 'reviewed: safe')
  })

  it('takes one page of several for a part, and an empty list for nothing examined', () => {
    assert.equal(read('sonarqube/issues-one-page.json').completeness, 'partial')
    assert.equal(read('sonarqube/issues-none.json').completeness, 'empty')
  })

  it('reads measures: coverage and tests from counts, the gate with its conditions, every number as a measure', () => {
    const report = read('sonarqube/measures.json')
    assert.deepEqual([report.scanned, report.completeness], [['quality', 'coverage', 'tests'], 'complete'])
    assert.deepEqual(report.coverage, { lines: { covered: 170, total: 200 }, branches: { covered: 30, total: 40 }, functions: null })
    const { total, passed, failed, errored, skipped } = report.tests ?? {}
    assert.deepEqual([total, passed, failed, errored, skipped], [95, 87, 1, 2, 5])
    assert.deepEqual(counted(report), { critical: 1 })
    assert.deepEqual([report.measures?.['duplicated_lines_density'], report.measures?.['new_coverage']], [4.2, 77.5])
    assert.deepEqual(read('sonarqube/measures-coverage.json').scanned, ['coverage'])
    assert.equal(read('sonarqube/measures-none.json').completeness, 'empty')
  })

  it('refuses what it cannot read', () => {
    const passed = jsonFixture('sonarqube/gate-passed.json')
    assert.equal(refusal({ ...passed, qualityGate: { status: 'NEW', conditions: [{ metric: 'a', status: 'OK' }] } }), 'report_malformed')
    const measures = (...list: unknown[]): unknown => ({ component: { key: 'a', measures: list } })
    assert.equal(refusal(measures({ metric: 'lines_to_cover', value: '1' }, { metric: 'uncovered_lines', value: '2' })), 'report_malformed')
    assert.equal(
      refusal(measures({ metric: 'alert_status', value: 'OK' }, { metric: 'quality_gate_details', value: '{' })),
      'report_malformed',
    )
    assert.equal(refusal(measures({ value: '1' })), 'report_malformed')
    assert.equal(refusal({ issues: [{ key: 'a' }], paging: {} }), 'report_malformed')
    assert.equal(refusal({ issues: [] }, 'sonarqube'), 'report_wrong_format')
  })
})
