import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { byId, counted, jsonFixture, read, readDocument, refusal } from '../reading.ts'

describe('the Klar parser', () => {
  it('reads the lists by severity', () => {
    const report = read('klar/report.json')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(counted(report), { critical: 1, high: 2, unknown: 1 })
    const { toolSeverity, package: name, version, fixedVersion, location } = byId(report, 'CVE-2019-0001')
    assert.deepEqual([toolSeverity, name, version, fixedVersion, location], ['Defcon1', 'openssl', '1.0-1', '1.1-1', 'debian:10'])
    assert.equal(byId(report, 'CVE-2019-0002').fixedVersion, null)
  })

  it('takes the name of the list where an entry states no severity', () => {
    assert.deepEqual(counted(readDocument({ LayerCount: 1, Vulnerabilities: { High: [{ Name: 'CVE-1' }] } })), { high: 1 })
  })

  it('is empty where it lists nothing, for that is also the report of an image that Clair doesn’t know', () => {
    assert.equal(read('klar/empty.json').completeness, 'empty')
    assert.equal(readDocument({ LayerCount: 0, Vulnerabilities: null }).completeness, 'empty')
  })

  it('refuses what it cannot read', () => {
    const whole = jsonFixture('klar/report.json')
    for (const Vulnerabilities of ['none', [], { High: 'none' }, { High: ['CVE-1'] }])
      assert.equal(refusal({ ...whole, Vulnerabilities }), 'report_malformed', JSON.stringify(Vulnerabilities))
    assert.equal(refusal({ Vulnerabilities: {} }, 'klar'), 'report_wrong_format')
  })
})
