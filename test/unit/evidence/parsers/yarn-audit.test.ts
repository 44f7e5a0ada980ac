import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { byId, counted, fixture, jsonFixture, read, readDocument, refusal } from '../reading.ts'

function lines(path: string): string[] {
  return Buffer.from(fixture(path)).toString('utf8').trimEnd().split('\n')
}

describe('the Yarn audit parser, Yarn 1', () => {
  it('counts an advisory once, however many paths lead to the package', () => {
    const report = read('yarn-audit/classic.ndjson')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(report.tool, { name: 'yarn-audit', version: null })
    assert.deepEqual(counted(report), { critical: 1, medium: 1 })
  })

  it('names advisory, package, versions and fix', () => {
    const report = read('yarn-audit/classic.ndjson')
    const { aliases, purl, version, fixedVersion, score, toolSeverity, location } = byId(report, 'GHSA-aaaa-bbbb-cccc')
    assert.deepEqual(
      { aliases, purl, version, fixedVersion, score, toolSeverity, location },
      {
        aliases: ['CVE-2026-2001'],
        purl: 'pkg:npm/parser@2.0.1',
        version: '2.0.1',
        fixedVersion: '2.0.2',
        score: 9.8,
        toolSeverity: 'critical',
        location: 'web>parser',
      },
    )
    const unpatched = byId(report, 'npm-advisory-1002')
    assert.deepEqual([unpatched.purl, unpatched.version, unpatched.fixedVersion], ['pkg:npm/%40shop/tool', '0.1.0, 0.2.0', null])
  })

  it('reads a clean audit as complete, one without dependencies as empty', () => {
    assert.equal(read('yarn-audit/classic-clean.ndjson').completeness, 'complete')
    assert.deepEqual(counted(read('yarn-audit/classic-clean.ndjson')), {})
    assert.equal(read('yarn-audit/classic-no-dependencies.ndjson').completeness, 'empty')
  })

  it('refuses an output without its summary at the end, or whose summary counts what is not there', () => {
    const all = lines('yarn-audit/classic.ndjson')
    const summary = all.at(-1) ?? ''
    const advisory = all[1] ?? ''
    assert.equal(refusal(all.slice(0, -1).join('\n')), 'report_malformed')
    assert.equal(refusal([summary, advisory].join('\n')), 'report_malformed')
    assert.equal(refusal([advisory, summary, summary].join('\n')), 'report_malformed')
    assert.equal(refusal(summary), 'report_malformed')
    assert.equal(refusal(`${advisory}\n{"type":"auditSummary","data":{}}`), 'report_malformed')
    assert.equal(refusal(`{"type":"auditAdvisory","data":{}}\n${summary}`), 'report_malformed')
  })

  it('is partial where the summary counts a severity of which nothing is listed, as with --level or a lost beginning', () => {
    const all = lines('yarn-audit/classic.ndjson')
    const report = readDocument([all[3], all.at(-1)].join('\n'))
    assert.equal(report.completeness, 'partial')
    assert.match(report.completenessReason ?? '', /--level/)
    assert.deepEqual(counted(report), { medium: 1 })
  })
})

describe('the Yarn audit parser, Yarn 2 and later', () => {
  it('reads a line per advisory', () => {
    const report = read('yarn-audit/berry.ndjson')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(counted(report), { critical: 1, high: 1, medium: 1 })
    const { purl, version, fixedVersion, title, location } = byId(report, 'GHSA-aaaa-bbbb-cccc')
    assert.deepEqual(
      { purl, version, fixedVersion, title, location },
      {
        purl: 'pkg:npm/parser@2.0.1',
        version: '2.0.1',
        fixedVersion: '2.0.2',
        title: 'A flaw in parser',
        location: 'web@npm:3.0.0',
      },
    )
    assert.deepEqual(byId(report, 'GHSA-dddd-eeee-ffff').version, '0.1.0, 0.2.0')
    assert.deepEqual(byId(report, 'old (deprecation)').fixedVersion, null)
  })

  it('reads the message that nothing was found as clean, and nothing else', () => {
    assert.equal(read('yarn-audit/berry-clean.ndjson').completeness, 'complete')
    assert.deepEqual(counted(read('yarn-audit/berry-clean.ndjson')), {})
    assert.equal(refusal('{"type":"info","name":1,"data":"Done"}', 'yarn-audit'), 'report_malformed')
    assert.equal(refusal('{"type":"info","name":1,"data":"Done"}'), 'report_format_unknown')
  })

  it('reads an output that was cut off between two lines as what is left of it', () => {
    assert.deepEqual(counted(readDocument(lines('yarn-audit/berry.ndjson').slice(0, 1).join('\n'))), { critical: 1 })
  })

  it('reads the answer of the registry, alone if this format is stated, and with a message behind it', () => {
    assert.deepEqual(counted(read('npm-audit/version-1.json', 'yarn-audit')), { critical: 1, medium: 1, low: 1 })
    const clean = read('yarn-audit/registry-clean.ndjson')
    assert.equal(clean.tool.name, 'yarn-audit')
    assert.equal(clean.completeness, 'complete')
    assert.deepEqual(counted(clean), {})
    const [answer = '', message = ''] = lines('yarn-audit/registry-clean.ndjson')
    assert.equal(refusal(`${answer.replace('"critical": 0', '"critical": 2')}\n${message}`), 'report_malformed')
  })
})

describe('the Yarn audit parser', () => {
  it('refuses error output as such', () => {
    for (const path of ['yarn-audit/berry-error.ndjson', 'yarn-audit/classic-error.ndjson'])
      assert.throws(() => read(path, 'yarn-audit'), { code: 'report_is_tool_error' })
    const summary = lines('yarn-audit/classic-clean.ndjson').join('\n')
    assert.equal(refusal(`{"type":"error","data":"registry unavailable"}\n${summary}`), 'report_is_tool_error')
    assert.equal(refusal({ ...jsonFixture('npm-audit/version-1.json'), error: { code: 'E503' } }, 'yarn-audit'), 'report_is_tool_error')
  })

  it('refuses log lines in between, and other formats', () => {
    const node = lines('yarn-audit/berry.ndjson')[0] ?? ''
    assert.equal(refusal(`${node}\nDone in 2s.`, 'yarn-audit'), 'report_malformed')
    assert.equal(refusal(`${node}\n[]`, 'yarn-audit'), 'report_malformed')
    assert.equal(refusal(`${node}\n{"value":7}`), 'report_malformed')
    assert.equal(refusal('[]', 'yarn-audit'), 'report_malformed')
    assert.equal(refusal({ matches: [] }, 'yarn-audit'), 'report_wrong_format')
    assert.equal(refusal('<audit/>', 'yarn-audit'), 'report_malformed')
  })
})
