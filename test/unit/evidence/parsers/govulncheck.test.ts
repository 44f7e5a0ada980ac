import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import type { ParsedReport } from '../../../../src/evidence/model.ts'
import { byId, counted, fixture, jsonFixture, read, readDocument, refusal } from '../reading.ts'

type Message = Record<string, Record<string, unknown>>

/** The messages of the fixture that holds them as a list. */
function messages(): Message[] {
  return jsonFixture('govulncheck/collected.json') as unknown as Message[]
}

/** The fixture's stream up to and without the first message that is so. */
function until(isEnd: (message: Message) => boolean): Message[] {
  const all = messages()
  const end = all.findIndex(isEnd)
  assert.ok(end > 0)
  return all.slice(0, end)
}

function suppressed(report: ParsedReport): string[] {
  return report.findings.filter((finding) => finding.suppressed).map(({ id, suppressionReason }) => `${id}: ${suppressionReason}`)
}

const isAtLevel = (field: string) => (message: Message) => {
  const [frame] = (message['finding']?.['trace'] ?? []) as Record<string, unknown>[]
  return frame !== undefined && field in frame
}

describe('the govulncheck parser, streams', () => {
  it('counts what is called; what is only imported or required is kept as suppressed', () => {
    const report = read('govulncheck/symbol.json-stream')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(report.tool, { name: 'govulncheck', version: 'v1.1.4' })
    assert.equal(report.databaseAt, '2026-05-03T06:00:00Z')
    assert.deepEqual(report.examined, ['example.com/shop'])
    assert.deepEqual(counted(report), { unknown: 1 })
    const { aliases, purl, version, fixedVersion, location, title } = byId(report, 'GO-2026-0001')
    assert.deepEqual(
      { aliases, purl, version, fixedVersion, location, title },
      {
        aliases: ['CVE-2026-2005'],
        purl: 'pkg:golang/example.com/net@v1.2.3',
        version: 'v1.2.3',
        fixedVersion: 'v1.2.4',
        location: 'main.go:7',
        title: 'Flaw {GO-2026-0001}',
      },
    )
    assert.deepEqual(suppressed(report), [
      'GO-2026-0002: the vulnerable code is not called',
      'GO-2026-0003: the vulnerable package is not imported',
    ])
  })

  it('reads the same messages collected into a list', () => {
    assert.deepEqual(read('govulncheck/collected.json').findings, read('govulncheck/symbol.json-stream').findings)
  })

  it('counts by the level of the scan', () => {
    const byPackage = read('govulncheck/package.json-stream')
    assert.deepEqual(counted(byPackage), { unknown: 2 })
    assert.deepEqual(suppressed(byPackage), ['GO-2026-0003: the vulnerable package is not imported'])
    for (const scan_level of ['module', 'galaxy', undefined]) {
      const [{ config } = {}, ...rest] = messages()
      assert.deepEqual(counted(readDocument([{ config: { ...config, scan_level } }, ...rest])), { unknown: 3 })
    }
  })

  it('clears nothing by a level that the stream does not show: the call analysis may never have ended', () => {
    const withoutCalls = readDocument(until(isAtLevel('function')))
    assert.equal(withoutCalls.completeness, 'complete')
    assert.deepEqual(counted(withoutCalls), { unknown: 2 })
    assert.deepEqual(suppressed(withoutCalls), ['GO-2026-0003: the vulnerable package is not imported'])
    const withoutPackages = readDocument(until(isAtLevel('package')))
    assert.deepEqual(counted(withoutPackages), { unknown: 3 })
  })

  it('is clean where no advisory affects a module of the build', () => {
    const report = read('govulncheck/clean.json-stream')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(counted(report), {})
  })

  it('is partial where an advisory affects a module of the build, and no finding says so', () => {
    const report = readDocument(until((message) => 'finding' in message))
    assert.equal(report.completeness, 'partial')
    assert.match(report.completenessReason ?? '', /cut off/)
    const first = readDocument(until((message) => message['finding']?.['osv'] === 'GO-2026-0003'))
    assert.equal(first.completeness, 'partial')
    assert.deepEqual(counted(first), { unknown: 2 })
  })

  it('is partial without findings where the stream does not list the modules, as before version 1.1.4', () => {
    const report = read('govulncheck/version-1.0-clean.json-stream')
    assert.equal(report.completeness, 'partial')
    assert.match(report.completenessReason ?? '', /1\.1\.4/)
  })

  it('is empty where the stream ends before the check', () => {
    assert.equal(read('govulncheck/not-checked.json-stream').completeness, 'empty')
    assert.equal(readDocument(messages().slice(0, 1)).completeness, 'empty')
  })

  it('never reads a stream that was cut off as clean, at any byte', () => {
    for (const path of ['govulncheck/symbol.json-stream', 'govulncheck/package.json-stream']) {
      const whole = Buffer.from(fixture(path)).toString('utf8').trimEnd()
      for (let length = 0; length < whole.length; length++) {
        const cut = whole.slice(0, length)
        if (refusal(cut, 'govulncheck') !== 'read') continue
        const report = readDocument(cut, 'govulncheck')
        assert.ok(
          report.completeness !== 'complete' || Object.keys(counted(report)).length > 0,
          `${path} cut to ${length} characters reads as clean`,
        )
      }
    }
  })

  it('refuses what it cannot read', () => {
    const [config] = messages()
    for (const finding of [null, 7, [], {}, { osv: 'GO-1' }, { osv: 'GO-1', trace: [] }, { osv: 'GO-1', trace: ['main'] }, { trace: [{}] }])
      assert.equal(refusal([config, { finding }], 'govulncheck'), 'report_malformed', JSON.stringify(finding))
    assert.equal(refusal([config, { osv: 'GO-1' }], 'govulncheck'), 'report_malformed')
    assert.equal(refusal([config, 'done'], 'govulncheck'), 'report_malformed')
    assert.equal(refusal(`${JSON.stringify(config)}\nexit status 3`, 'govulncheck'), 'report_malformed')
    assert.equal(refusal([{ progress: {} }, config], 'govulncheck'), 'report_wrong_format')
    assert.equal(refusal({ config: { protocol_version: 'v1.0.0', scanner_name: 'other' } }, 'govulncheck'), 'report_wrong_format')
    assert.equal(refusal({ matches: [] }, 'govulncheck'), 'report_wrong_format')
  })
})

describe('the govulncheck parser, before version 1', () => {
  it('reads call graphs: a vulnerability counts once, if one of its symbols is called', () => {
    const report = read('govulncheck/graphs.json')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(counted(report), { unknown: 1 })
    const { purl, fixedVersion, suppressed: off } = byId(report, 'GO-2022-0001')
    assert.deepEqual({ purl, fixedVersion, off }, { purl: 'pkg:golang/example.com/net@v1.2.3', fixedVersion: '1.2.4', off: false })
    assert.deepEqual(suppressed(report), ['GO-2022-0002: the vulnerable code is not called'])
  })

  it('reads modules with the stacks of their calls', () => {
    const report = read('govulncheck/modules.json')
    assert.deepEqual(counted(report), { unknown: 1 })
    assert.equal(byId(report, 'GO-2022-0001').fixedVersion, 'v1.2.4')
    assert.deepEqual(suppressed(report), ['GO-2022-0002: the vulnerable code is not called'])
  })

  it('clears nothing where the report shows no call at all', () => {
    const { Vulns, ...rest } = jsonFixture('govulncheck/graphs.json')
    const uncalled = (Vulns as object[]).map((item) => ({ ...item, CallSink: 0 }))
    assert.deepEqual(counted(readDocument({ ...rest, Vulns: uncalled })), { unknown: 2 })
  })

  it('is clean with packages in its graph, empty with none', () => {
    const clean = jsonFixture('govulncheck/graphs-clean.json')
    assert.equal(readDocument(clean).completeness, 'complete')
    assert.deepEqual(counted(readDocument(clean)), {})
    assert.equal(readDocument({ ...clean, Imports: { Packages: {}, Entries: null } }).completeness, 'empty')
  })

  it('refuses what it cannot read', () => {
    const clean = jsonFixture('govulncheck/graphs-clean.json')
    for (const Vulns of ['none', {}, [7], [{}], [{ OSV: 'GO-1' }], [{ OSV: {}, Modules: 'none' }]])
      assert.equal(refusal({ ...clean, Vulns }), 'report_malformed', JSON.stringify(Vulns))
    assert.equal(refusal({ Vulns: null }, 'govulncheck'), 'report_wrong_format')
  })
})
