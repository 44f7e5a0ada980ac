import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { readReport } from '../../../src/evidence/read-report.ts'
import { timed } from '../../support/cpu-time.ts'
import { bytesOf } from './reading.ts'

const FINDINGS = 100_000

/** Far more than any of them takes: what is told from it is that no time grows with the square of the findings. */
const DEADLINE_MS = 20_000

function many<T>(make: (index: number) => T): T[] {
  return Array.from({ length: FINDINGS }, (_item, index) => make(index))
}

function gitlab(type: string): object {
  return {
    version: '15.0.7',
    scan: { type, status: 'success', scanner: { id: 'scanner' } },
    vulnerabilities: many((index) => ({
      id: String(index),
      severity: 'Low',
      identifiers: [{ type: 'rule', value: `R-${index}` }],
      location: { file: 'a.js', start_line: index },
      raw_source_code_extract: 'hunter2',
    })),
  }
}

const alerts = () => many((index) => ({ pluginid: String(index), name: 'A flaw', riskcode: '1', confidence: '2', instances: [] }))

/** A report of each format with 100,000 different findings, as an object or as text. */
const REPORTS: Readonly<Record<string, () => unknown>> = {
  bandit: () => ({
    errors: [],
    metrics: { _totals: {}, 'a.py': {} },
    results: many((line_number) => ({ test_id: 'B101', filename: 'a.py', line_number, issue_severity: 'LOW', code: 'assert x' })),
  }),
  checkov: () => ({
    check_type: 'terraform',
    results: { failed_checks: many((index) => ({ check_id: 'CKV_A_1', file_path: 'a.tf', resource: `r${index}` })) },
    summary: {},
  }),
  findings: () => ({
    schema: 'portcullis/findings/1',
    tool: { name: 'linter' },
    scanned: ['sast'],
    findings: many((index) => ({ id: `R-${index}`, severity: 'low' })),
  }),
  'gitlab-sast': () => gitlab('sast'),
  'gitlab-secret-detection': () => gitlab('secret_detection'),
  'gitlab-dast': () => gitlab('dast'),
  'gitlab-container-scanning': () => gitlab('container_scanning'),
  'gitlab-dependency-scanning': () => gitlab('dependency_scanning'),
  hadolint: () => many((line) => ({ file: 'Dockerfile', line, column: 1, level: 'info', code: 'DL3008', message: 'Pin.' })),
  k6: () => ({
    root_group: {},
    metrics: { iterations: { count: 1, thresholds: Object.fromEntries(many((index) => [`count>${index}`, true])) } },
  }),
  kics: () => ({
    ...{ files_scanned: 1, files_parsed: 1, queries_total: 1, severity_counters: {}, total_counter: FINDINGS },
    queries: [{ query_id: 'q', severity: 'LOW', files: many((line) => ({ file_name: 'a.tf', line })) }],
  }),
  semgrep: () => ({
    ...{ errors: [], paths: { scanned: ['a.js'] } },
    results: many((line) => ({ check_id: 'r', path: 'a.js', start: { line }, end: { line }, extra: { severity: 'INFO', message: 'm' } })),
  }),
  sonarqube: () => ({
    paging: { total: FINDINGS },
    issues: many((index) => ({ key: String(index), rule: 'r', type: 'BUG', severity: 'MINOR', project: 'p' })),
  }),
  squawk: () => many((line) => ({ file: 'a.sql', line, level: 'Warning', rule_name: 'ban-drop-column', message: 'm' })),
  tfsec: () => ({ results: many((start_line) => ({ rule_id: 'r', severity: 'LOW', location: { filename: 'a.tf', start_line } })) }),
  trufflehog: () =>
    many((line) =>
      JSON.stringify({
        SourceMetadata: { Data: { Filesystem: { file: 'a', line } } },
        DetectorName: 'AWS',
        Verified: false,
        Raw: 'hunter2',
      }),
    ).join('\n'),
  zap: () => ({ '@version': '2.16.1', site: [{ '@name': 'https://shop.example.com', alerts: alerts() }] }),
}

describe('reading reports of 100,000 findings of static analysis and the like', () => {
  for (const [format, make] of Object.entries(REPORTS)) {
    it(`ends soon for ${format}, with every finding`, () => {
      const bytes = bytesOf(make())
      const { result, cpuMs } = timed(() => readReport(bytes, format))
      assert.equal(result.report.findings.length, FINDINGS)
      assert.equal(result.report.completeness, 'complete')
      assert.ok(cpuMs < DEADLINE_MS, `${format} took ${Math.round(cpuMs)} ms`)
    })
  }
})
