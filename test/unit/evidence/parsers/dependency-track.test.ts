import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { byId, counted, jsonFixture, read, readDocument, refusal } from '../reading.ts'

describe('the Dependency-Track parser', () => {
  it('reads findings by their own severity, unassigned ones as unknown', () => {
    const report = read('dependency-track/findings.json')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(report.tool, { name: 'dependency-track', version: '4.14.1' })
    assert.equal(report.reportedAt, '2026-05-04T09:30:00Z')
    assert.deepEqual(report.examined, ['shop'])
    assert.deepEqual(counted(report), { critical: 1, low: 1, negligible: 1, unknown: 1 })
    const { aliases, score, purl, package: name, version, title, fixedVersion, fixState } = byId(report, 'CVE-2026-2006')
    assert.deepEqual(
      { aliases, score, purl, name, version, title, fixedVersion, fixState },
      {
        aliases: ['GHSA-aaaa-bbbb-cccc'],
        score: 9.3,
        purl: 'pkg:maven/org.shop/core@1.1?type=jar',
        name: 'org.shop/core',
        version: '1.1',
        title: 'A flaw in core',
        fixedVersion: null,
        fixState: null,
      },
    )
  })

  it('keeps what was suppressed there; an analysis alone suppresses nothing', () => {
    const report = read('dependency-track/findings.json')
    const { suppressed, suppressionReason } = byId(report, 'CVE-2026-2007')
    assert.deepEqual([suppressed, suppressionReason], [true, 'FALSE_POSITIVE'])
    assert.equal(byId(report, 'CVE-2026-2008').suppressed, false)
  })

  it('falls back on the score where no severity is stated', () => {
    const [first] = jsonFixture('dependency-track/findings.json')['findings'] as Record<string, object>[]
    const vulnerability = { vulnId: 'CVE-1', cvssV3BaseScore: 7.2 }
    assert.deepEqual(counted(readDocument({ ...jsonFixture('dependency-track/clean.json'), findings: [{ ...first, vulnerability }] })), {
      high: 1,
    })
  })

  it('is clean for a project without findings, empty without a list or a project', () => {
    const clean = jsonFixture('dependency-track/clean.json')
    assert.equal(readDocument(clean).completeness, 'complete')
    assert.deepEqual(counted(readDocument(clean)), {})
    assert.equal(read('dependency-track/null.json').completeness, 'empty')
    assert.equal(readDocument({ ...clean, project: null }).completeness, 'empty')
  })

  it('refuses what it cannot read', () => {
    const clean = jsonFixture('dependency-track/clean.json')
    for (const findings of ['none', {}, [7], [{}], [{ component: {} }], [{ component: {}, vulnerability: 'CVE-1' }]])
      assert.equal(refusal({ ...clean, findings }), 'report_malformed', JSON.stringify(findings))
    const { findings: _findings, ...rest } = clean
    assert.equal(refusal(rest, 'dependency-track'), 'report_wrong_format')
    assert.equal(refusal({ ...clean, meta: { application: 'Other' } }, 'dependency-track'), 'report_wrong_format')
  })
})
