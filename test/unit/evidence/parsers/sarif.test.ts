import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { timed } from '../../../support/cpu-time.ts'
import { byId, counted, read, readDocument, refusal, storedText } from '../reading.ts'

const DRIVER = { driver: { name: 'ExampleScan' } }

function log(run: Record<string, unknown>): unknown {
  return { version: '2.1.0', runs: [{ tool: DRIVER, results: [], ...run }] }
}

function classesOf(name: string): string[] {
  return readDocument({ version: '2.1.0', runs: [{ tool: { driver: { name } }, results: [] }] }).scanned
}

describe('the SARIF parser', () => {
  it('tells the analyses of one tool apart by their category, where every run has one', () => {
    const run = (id?: string) => ({
      tool: { driver: { name: 'CodeQL' } },
      results: [],
      ...(id !== undefined && { automationDetails: { id } }),
    })
    const examined = (...runs: object[]) => readDocument({ version: '2.1.0', runs }).examined
    assert.deepEqual(examined(run('/language:java/'), run('/language:js/2026-01-01')), ['/language:java', '/language:js'])
    assert.deepEqual(examined(run('/language:java/'), run()), [])
    assert.deepEqual(examined(run('only-a-run-id')), [])
  })

  it('reads a clean run as complete', () => {
    const report = read('sarif/clean.sarif')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(report.scanned, ['sast'])
    assert.deepEqual(report.tool, { name: 'examplescan', version: '2.1.0' })
    assert.equal(report.reportedAt, '2026-05-04T07:30:00Z')
    assert.deepEqual(counted(report), {})
  })

  it('takes the severity from score, level, configuration and default, in this order', () => {
    const { findings } = read('sarif/severities.sarif')
    const severities = Object.fromEntries(findings.map((item) => [item.id, `${item.severity} ${item.toolSeverity}`]))
    assert.deepEqual(severities, {
      score: 'critical 9.0',
      level: 'high error',
      configured: 'low note',
      plain: 'medium warning',
      overridden: 'high error',
      'odd-score': 'negligible none',
      'high-score': 'high 8.9',
      'odd-level': 'unknown terrible',
    })
  })

  it('counts failures that are present and not suppressed, and exact repeats once', () => {
    const report = read('sarif/what-counts.sarif')
    const counts = report.findings.filter((item) => !item.suppressed).map((item) => item.location)
    assert.deepEqual(counts, ['src/app.js:1', 'src/app.js:6', 'src/app.js:9', 'src/app.js:10', 'src/app.js:11', 'src/app.js:12'])
    const suppressed = report.findings.filter((item) => item.suppressed).map((item) => item.suppressionReason)
    assert.deepEqual(suppressed, ['inSource', 'a false positive'])
  })

  it('counts kinds that it does not know', () => {
    assert.equal(readDocument(log({ results: [{ ruleId: 'a', kind: 'bug', message: { text: 'x' } }] })).findings.length, 1)
  })

  it('counts what is open or to be reviewed, as bad as its rule says', () => {
    const rules = [
      { id: 'rated', properties: { 'security-severity': '9.1' } },
      { id: 'configured', defaultConfiguration: { level: 'error' } },
    ]
    const results = ['open', 'review'].flatMap((kind) =>
      ['rated', 'configured', 'unknown'].map((ruleId) => ({ ruleId, kind, level: 'none', message: { text: kind } })),
    )
    const { findings } = readDocument(log({ tool: { driver: { name: 'ExampleScan', rules } }, results }))
    const severities = ['critical', 'high', 'medium']
    assert.deepEqual(
      findings.map(({ severity }) => severity),
      [...severities, ...severities],
    )
    const decided = ['pass', 'notApplicable', 'informational'].map((kind) => ({ ruleId: 'rated', kind, message: { text: kind } }))
    assert.equal(readDocument(log({ results: decided })).findings.length, 0)
  })

  it('takes the worst of several rules with one id, unless the result says which it means', () => {
    const rules = [
      { id: 'a', properties: { 'security-severity': '2.0' } },
      { id: 'a', properties: { 'security-severity': '9.8' } },
      { id: 'a', defaultConfiguration: { level: 'error' } },
    ]
    const severities = (given: object[], results: object[]) =>
      readDocument(log({ tool: { driver: { name: 'ExampleScan', rules: given } }, results })).findings.map(({ severity }) => severity)
    assert.deepEqual(severities(rules, [{ ruleId: 'a' }]), ['critical'])
    assert.deepEqual(severities(rules.toReversed(), [{ ruleId: 'a/sub' }]), ['critical'])
    assert.deepEqual(severities([{ id: 'a' }, ...rules.slice(2)], [{ ruleId: 'a' }]), ['high'])
    assert.deepEqual(severities(rules, [{ ruleId: 'a', ruleIndex: 0 }]), ['low'])
    const overrides = ['error', 'note'].map((level) => ({ descriptor: { id: 'a' }, configuration: { level } }))
    const invocations = [{ executionSuccessful: true, ruleConfigurationOverrides: overrides }]
    assert.equal(readDocument(log({ invocations, results: [{ ruleId: 'a' }] })).findings[0]?.severity, 'high')
  })

  it('rates many results of many rules with one id in bounded time', () => {
    const rules = Array.from({ length: 20_000 }, (_, at) => ({ id: 'a', properties: { 'security-severity': String((at % 100) / 10) } }))
    const results = Array.from({ length: 20_000 }, (_, at) => ({ ruleId: 'a', message: { text: String(at) } }))
    const { result, cpuMs } = timed(() => readDocument(log({ tool: { driver: { name: 'ExampleScan', rules } }, results })))
    assert.deepEqual(counted(result), { critical: 20_000 })
    assert.ok(cpuMs < 10_000, `it took ${cpuMs} ms`)
  })

  it('finds rules in extensions, by index and by the parent of a hierarchical id', () => {
    const report = read('sarif/extensions.sarif')
    assert.deepEqual(
      report.findings.map((item) => [item.id, item.severity]),
      [
        ['js/eval', 'critical'],
        ['js/log', 'low'],
        ['js/eval/2', 'critical'],
      ],
    )
  })

  it('reads failed and partial runs as such', () => {
    assert.equal(read('sarif/failed.sarif').completeness, 'failed')
    assert.equal(read('sarif/partial.sarif').completeness, 'partial')
    assert.equal(readDocument(log({ invocations: [{ exitSignalName: 'SIGKILL' }] })).completeness, 'failed')
    const notes = [
      { executionSuccessful: true, toolConfigurationNotifications: [{ level: 'error', message: { text: 'rule pack missing' } }] },
    ]
    assert.equal(readDocument(log({ invocations: notes })).completeness, 'partial')
  })

  it('reads a log without runs as empty or failed, a run without results as failed', () => {
    assert.equal(read('sarif/no-runs.sarif').completeness, 'empty')
    assert.equal(readDocument({ version: '2.1.0', runs: null }).completeness, 'failed')
    assert.equal(read('sarif/no-results.sarif').completeness, 'failed')
    assert.equal(readDocument(log({ results: null })).completeness, 'failed')
  })

  it('reads results that stand elsewhere as partial', () => {
    const elsewhere = { results: [{ location: { uri: 'results.sarif-external-properties' } }] }
    assert.equal(readDocument(log({ results: undefined, externalPropertyFileReferences: elsewhere })).completeness, 'partial')
    const inline = { version: '2.1.0', runs: [{ tool: DRIVER, results: [] }], inlineExternalProperties: [{ results: [{ ruleId: 'a' }] }] }
    assert.equal(readDocument(inline).completeness, 'partial')
  })

  it('reads several runs as one report: partial if only some failed, of all their classes', () => {
    const report = read('sarif/two-runs.sarif')
    assert.equal(report.completeness, 'partial')
    assert.deepEqual(report.scanned, ['sast', 'misconfigurations'])
    assert.equal(report.tool.name, 'checkov+examplescan')
    assert.deepEqual(counted(report), { high: 1 })
  })

  it('knows what known tools look for', () => {
    assert.deepEqual(classesOf('gitleaks'), ['secrets'])
    assert.deepEqual(classesOf('Grype'), ['vulnerabilities'])
    assert.deepEqual(classesOf('Snyk Container'), ['vulnerabilities'])
    assert.deepEqual(classesOf('osv-scanner'), ['vulnerabilities'])
    assert.deepEqual(classesOf('SnykCode'), ['sast'])
    assert.deepEqual(classesOf('Checkov'), ['misconfigurations'])
    assert.deepEqual(classesOf('KICS'), ['misconfigurations'])
    assert.deepEqual(classesOf('CodeQL'), ['sast'])
  })

  it('reads what Trivy says in text and tags: packages, fixes, classes, digests', () => {
    const report = read('sarif/trivy.sarif')
    assert.deepEqual(report.scanned, ['vulnerabilities', 'misconfigurations', 'secrets'])
    const { severity, score, package: name, version, fixedVersion } = byId(report, 'CVE-2026-1001')
    assert.deepEqual(
      { severity, score, name, version, fixedVersion },
      { severity: 'critical', score: 9.8, name: 'openssl', version: '3.3.1-r0', fixedVersion: '3.3.2-r1' },
    )
    assert.equal(byId(report, 'CVE-2026-1005').severity, 'unknown')
    assert.equal(byId(report, 'CVE-2026-1005').fixedVersion, null)
    assert.deepEqual(report.statedDigests, [`sha256:${'a'.repeat(64)}`])
    assert.doesNotMatch(storedText(report), /hunter2/)
  })

  it('does not take a clean log of Trivy for a search that it may not have made', () => {
    const clean = (properties?: unknown): unknown => ({
      version: '2.1.0',
      runs: [{ tool: { driver: { name: 'Trivy' } }, results: [], properties }],
    })
    assert.equal(readDocument(clean()).completeness, 'empty')
    const image = readDocument(clean({ imageName: 'shop/web:1.4', repoDigests: [], repoTags: [] }))
    assert.equal(image.completeness, 'complete')
    assert.deepEqual(image.scanned, ['vulnerabilities'])
  })

  it('blanks secrets wherever a log quotes them', () => {
    for (const path of ['sarif/secrets.sarif', 'sarif/hard-coded-password.sarif']) {
      const report = read(path)
      assert.match(storedText(report), /\[redacted\]/, path)
      assert.doesNotMatch(storedText(report), /hunter2/, path)
      assert.doesNotMatch(JSON.stringify(report.findings), /hunter2/, path)
    }
    assert.match(storedText(read('sarif/hard-coded-password.sarif')), /Use of assert/)
    assert.equal(read('sarif/severities.sarif').redacted, null)
  })

  it('keeps no code of other tools in a log in which secrets were found, and no text that quotes them', () => {
    const region = (text: string) => ({ startLine: 3, snippet: { text } })
    const at = (given: object) => [{ physicalLocation: { artifactLocation: { uri: 'src/app.js' }, ...given } }]
    const leak = { ruleId: 'key', locations: at({ region: region('const key = "hunter2-literal"') }) }
    const finding = {
      ruleId: 'eval',
      message: { text: 'eval of hunter2-literal' },
      locations: at({ region: region('eval(key)'), contextRegion: region('// hunter2-context') }),
      fixes: [{ artifactChanges: [{ replacements: [{ insertedContent: { text: 'hunter2-fix' } }] }] }],
    }
    const other = { ruleId: 'log', message: { text: 'Logs without a level' }, locations: at({ region: region('log("hunter2-other")') }) }
    const artifacts = [{ location: { uri: 'src/app.js' }, contents: { text: 'hunter2-file' } }]
    const scan = { tool: DRIVER, results: [finding, other], artifacts }
    const report = readDocument({ version: '2.1.0', runs: [{ tool: { driver: { name: 'gitleaks' } }, results: [leak] }, scan] })
    assert.doesNotMatch(storedText(report) + JSON.stringify(report.findings), /hunter2/)
    assert.match(storedText(report), /Logs without a level/)
    assert.equal(report.findings.length, 3)
    assert.equal(readDocument({ version: '2.1.0', runs: [scan] }).redacted, null, 'nothing was found to be secret')
  })

  it('keeps no text of other results where more secrets were found than texts can be searched for', () => {
    const leaks = Array.from({ length: 300 }, (_, at) => ({
      ruleId: 'key',
      locations: [{ physicalLocation: { region: { startLine: at, snippet: { text: `hunter2-secret-${at}` } } } }],
    }))
    const scan = { tool: DRIVER, results: [{ ruleId: 'eval', message: { text: 'eval of hunter2-secret-299' } }] }
    const report = readDocument({
      version: '2.1.0',
      runs: [{ tool: { driver: { name: 'gitleaks', rules: [{ id: 'key', name: 'Generic key' }] } }, results: leaks }, scan],
    })
    assert.doesNotMatch(storedText(report) + JSON.stringify(report.findings), /hunter2/)
    assert.equal(report.findings.length, 301)
    assert.equal(report.findings[0]?.title, 'Generic key')
  })

  it('reads its redacted form the same', () => {
    for (const path of ['sarif/secrets.sarif', 'sarif/hard-coded-password.sarif', 'sarif/trivy.sarif']) {
      const report = read(path)
      assert.deepEqual(counted(readDocument(storedText(report))), counted(report), path)
    }
  })

  it('refuses what it cannot read', () => {
    for (const run of [
      { results: 'none' },
      { results: ['none'] },
      { results: {} },
      { tool: {} },
      { tool: null },
      { invocations: {} },
      { invocations: [{ toolExecutionNotifications: ['error'] }] },
    ])
      assert.equal(refusal(log(run)), 'report_malformed', JSON.stringify(run))
    assert.equal(refusal({ version: '2.1.0', runs: {} }), 'report_malformed')
    assert.equal(refusal({ version: '2.1.0', runs: ['run'] }), 'report_malformed')
    assert.equal(refusal({ version: '1.0.0', runs: [] }), 'report_wrong_format')
    assert.equal(refusal({ runs: [] }, 'sarif'), 'report_wrong_format')
    assert.equal(refusal([], 'sarif'), 'report_wrong_format')
    assert.equal(refusal('{"version":"2.1.0","runs":[', 'sarif'), 'report_malformed')
  })
})
