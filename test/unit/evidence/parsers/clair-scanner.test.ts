import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { byId, counted, jsonFixture, read, readDocument, refusal } from '../reading.ts'

describe('the clair-scanner parser', () => {
  it('counts the unapproved, in each package, and keeps the approved as suppressed', () => {
    const report = read('clair-scanner/report.json')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(counted(report), { critical: 1, medium: 2 })
    const { toolSeverity, package: name, version, fixedVersion, location } = byId(report, 'CVE-2019-0001')
    assert.deepEqual([toolSeverity, name, version, fixedVersion, location], ['Defcon1', 'openssl', '1.0-1', '1.1-1', 'debian:10'])
    const { suppressed, severity } = byId(report, 'CVE-2019-0003')
    assert.deepEqual([suppressed, severity], [true, 'high'])
  })

  it('is empty where it lists nothing, for that is also the report of an image that Clair doesn’t know', () => {
    assert.equal(read('clair-scanner/empty.json').completeness, 'empty')
  })

  it('knows the image only if it was called by its digest', () => {
    const image = `registry.example/shop@sha256:${'b'.repeat(64)}`
    assert.deepEqual(read('clair-scanner/report.json').statedDigests, [])
    assert.deepEqual(readDocument({ ...jsonFixture('clair-scanner/report.json'), image }).statedDigests, [`sha256:${'b'.repeat(64)}`])
  })

  it('refuses a report that does not list what it calls unapproved, and what it cannot read', () => {
    const whole = jsonFixture('clair-scanner/report.json')
    for (const broken of [
      { vulnerabilities: [] },
      { vulnerabilities: null },
      { vulnerabilities: 'none' },
      { vulnerabilities: ['CVE-2019-0001'] },
      { unapproved: 'none' },
      { unapproved: [7] },
      { unapproved: ['CVE-2019-9999'] },
    ])
      assert.equal(refusal({ ...whole, ...broken }), 'report_malformed', JSON.stringify(broken))
    assert.equal(refusal({ ...whole, image: 7 }, 'clair-scanner'), 'report_wrong_format')
  })
})
