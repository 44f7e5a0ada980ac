import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { sha256Digest } from '../../../../src/core/digest.ts'
import type { AnsweredDecision, Violation, ViolationFinding } from '../../../../src/decisions/decision.ts'
import { fixSentence } from '../../../../src/decisions/render/fixes.ts'
import { renderJunit, renderMarkdown, renderText } from '../../../../src/decisions/render/index.ts'
import { SUBJECT } from '../../../support/evidence.ts'

const DIGEST = sha256Digest('a report')

function found(name: string, fixedVersion: string | null): ViolationFinding {
  return {
    id: 'CVE-2026-1',
    aliases: [],
    purl: null,
    package: name,
    version: '1',
    severity: 'high',
    fixedVersion,
    location: null,
    evidence: DIGEST,
  }
}

function violation(stated: Partial<Violation> = {}): Violation {
  return {
    rule: 'vulnerabilities.max_severity',
    pack: 'vulnerabilities',
    binding: 'vulnerabilities',
    message: '2 critical vulnerabilities where 0 are allowed.',
    severity: 'critical',
    evidence: [DIGEST],
    missing: [],
    fix: 'Upgrade.',
    findings: [],
    waivableBy: [],
    nextOpen: null,
    ...stated,
  }
}

function decision(violations: Violation[]): AnsweredDecision {
  return {
    id: '01a1fc03-d523-7e84-bfb4-50d493fdb1d9',
    verdict: violations.length > 0 ? 'deny' : 'allow',
    enforced: true,
    dryRun: false,
    subject: SUBJECT,
    subjectName: null,
    stage: 'production',
    environment: 'production',
    repository: 'acme/app',
    at: '2026-11-20T10:00:00.000Z',
    expiresAt: '2026-11-27T10:00:00.000Z',
    violations,
    warnings: [],
    shadow: [],
    waived: [],
    pending: false,
    evidence: [DIGEST],
    evidenceReferences: [],
    sources: [],
    policies: [{ pack: 'vulnerabilities', version: DIGEST, binding: 'vulnerabilities', mode: 'enforce' }],
    inputDigest: DIGEST,
    askedBy: 'ci',
    context: {},
    verified: [],
    logIndex: 17,
  }
}

describe('the fixes of a violation', () => {
  it('are grouped by upgrade, the most effective first, with what nothing fixes', () => {
    const findings = [...Array.from({ length: 12 }, () => found('openssl', '3.0.14')), found('zlib', '1.3.1'), found('glibc', null)]
    assert.equal(fixSentence(findings), 'openssl 3.0.14 clears 12; zlib 1.3.1 clears 1; 1 has no fix yet')
  })

  it('name the highest of the versions that clear the findings of one package', () => {
    assert.equal(fixSentence([found('openssl', '3.0.9'), found('openssl', '3.0.14')]), 'openssl 3.0.14 clears 2')
  })
})

describe('a decision for a CI log', () => {
  it('names verdict, rule, fix, evidence and place in the log', () => {
    const text = renderText(decision([violation({ findings: [found('openssl', '3.0.14')] })]), 'https://gate.example.com/v1/decisions/1')
    for (const part of ['DENY', 'vulnerabilities.max_severity', 'fix: openssl 3.0.14 clears 1', DIGEST, 'log index 17', 'https://gate']) {
      assert.ok(text.includes(part), `${part} is missing from:\n${text}`)
    }
  })

  it('has at most 40 lines, says how many are left out, and keeps the link', () => {
    const many = decision(Array.from({ length: 60 }, () => violation()))
    for (const output of [renderText(many, 'https://gate/x'), renderMarkdown(many, 'https://gate/x')]) {
      const lines = output.trimEnd().split('\n')
      assert.ok(lines.length <= 40, `${lines.length} lines`)
      assert.match(output, /… \d+ more/)
      assert.match(output, /https:\/\/gate\/x/)
    }
  })

  it('lets nothing that a report says become terminal control, markup or a mention', () => {
    const hostile = decision([violation({ message: '\u001b[2J\n@team <img src=x onerror=alert(1)> | [x](javascript:1)' })])
    assert.ok(!renderText(hostile, null).includes('\u001b'))
    const markdown = renderMarkdown(hostile, null)
    assert.ok(!markdown.includes('<img') && !markdown.includes('](javascript') && !/@team/.test(markdown))
    const junit = renderJunit(hostile, null)
    assert.ok(!junit.includes('<img') && !junit.includes('\u001b'))
  })

  it('says that a dry run was not recorded', () => {
    const { id: _id, logIndex: _index, ...unrecorded } = decision([]) as AnsweredDecision & { id: string; logIndex: number }
    assert.match(renderText({ ...unrecorded, dryRun: true }, null), /nothing was recorded/)
  })
})

describe('a decision as JUnit XML', () => {
  it('is one test case for each pack, failed where it denies', () => {
    const xml = renderJunit(decision([violation(), violation({ rule: 'tests.max_failed', pack: 'tests' })]), null)
    assert.match(xml, /<testsuites name="portcullis" tests="2" failures="2" errors="0">/)
    assert.match(renderJunit(decision([]), null), /tests="1" failures="0"/)
  })
})
