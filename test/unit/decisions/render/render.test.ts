import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { SaxesParser } from 'saxes'

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
    controls: [],
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
    project: null,
    owners: [],
    at: '2026-11-20T10:00:00.000Z',
    expiresAt: '2026-11-27T10:00:00.000Z',
    restsOn: [],
    nextOpen: null,
    violations,
    warnings: [],
    shadow: [],
    wouldDeny: [],
    waived: [],
    baselines: [],
    rollback: null,
    pending: false,
    breakGlass: null,
    review: null,
    evidence: [DIGEST],
    evidenceReferences: [],
    sources: [],
    authors: [],
    policies: [{ pack: 'vulnerabilities', version: DIGEST, binding: 'vulnerabilities', mode: 'enforce' }],
    inputDigest: DIGEST,
    askedBy: 'ci',
    context: {},
    verified: [],
    declared: [],
    contradicted: [],
    identity: null,
    logIndex: 17,
    voidedAt: null,
  }
}

/** A decision in which a stranger wrote everything that a stranger can write. */
function hostileDecision(text: string): AnsweredDecision {
  const finding = { ...found(text, text), id: text, purl: text, version: text, location: text }
  const said = {
    message: text,
    fix: text,
    nextOpen: text,
    rule: `custom.${text}`,
    binding: text,
    missing: [text],
    findings: [finding],
    controls: [text],
  }
  return {
    ...decision([violation(said), violation({ ...said, findings: [] })]),
    warnings: [violation(said)],
    shadow: [violation({ ...said, findings: [] })],
    baselines: [
      {
        ...{
          binding: text,
          pack: 'vulnerabilities',
          kind: 'snapshot',
          owner: text,
          matched: 1,
          remaining: 1,
          needed: true,
          setDigests: [],
        },
        expires: '2027-01-01T00:00:00.000Z',
      },
    ],
    breakGlass: { reason: text, incident: text, by: text, until: text, bindings: [text], rules: [text] },
    subjectName: text,
    repository: text,
    project: text,
    owners: [{ team: text, contact: text }],
    stage: text,
    environment: text,
    askedBy: text,
  }
}

function rendered(text: string): string[] {
  return [renderText, renderMarkdown, renderJunit].map((render) => render(hostileDecision(text), 'https://gate/x'))
}

describe('the controls that a rule serves', () => {
  it('stand beside it in every output', () => {
    for (const render of [renderText, renderMarkdown, renderJunit]) {
      const told = render(decision([violation({ controls: ['PCI-6.5.1', 'SOC2-CC8.1'] })]), null)
      assert.match(told, /PCI-6\.5\.1`? `?SOC2-CC8\.1/)
      assert.doesNotMatch(render(decision([violation()]), null), /ontrols/)
    }
  })
})

describe('the fixes of a violation', () => {
  it('are grouped by upgrade, the most effective first, with what nothing fixes', () => {
    const findings = [...Array.from({ length: 12 }, () => found('openssl', '3.0.14')), found('zlib', '1.3.1'), found('glibc', null)]
    assert.equal(fixSentence(findings), 'openssl 3.0.14 clears 12; zlib 1.3.1 clears 1; 1 has no fix yet')
  })

  it('name the highest of the versions that clear the findings of one package', () => {
    assert.equal(fixSentence([found('openssl', '3.0.9'), found('openssl', '3.0.14')]), 'openssl 3.0.14 clears 2')
  })
})

/** Names of the elements; throws unless the text is well-formed. */
function parseXml(xml: string): string[] {
  const names: string[] = []
  const parser = new SaxesParser()
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ name }) => names.push(name))
  parser.write(xml).close()
  return names
}

describe('a decision for a CI log', () => {
  it('names verdict, rule, fix, evidence and place in the log', () => {
    const text = renderText(decision([violation({ findings: [found('openssl', '3.0.14')] })]), 'https://gate.example.com/v1/decisions/1')
    for (const part of ['DENY', 'vulnerabilities.max_severity', 'fix: openssl 3.0.14 clears 1', DIGEST, 'log index 17', 'https://gate']) {
      assert.ok(text.includes(part), `${part} is missing from:\n${text}`)
    }
  })

  it('says whom to turn to, in every form, and nothing where nobody is known', () => {
    const owned = {
      ...decision([violation(), violation({ rule: 'tests.max_failed', pack: 'tests' })]),
      project: 'shop',
      owners: [
        { team: 'shoppers', contact: 'chat #shop' },
        { team: 'payments', contact: null },
      ],
    }
    assert.match(renderText(owned, null), /^project shop, owned by shoppers \(chat #shop\), payments$/m)
    assert.match(renderMarkdown(owned, null), /^Belongs to project shop, owned by shoppers \\\(chat \\#shop\\\), payments\.$/m)
    const junit = renderJunit(owned, null)
    assert.match(junit, /<property name="owner" value="project shop, owned by shoppers \(chat #shop\), payments"\/>/)
    assert.equal(junit.match(/^Belongs to project shop, owned by shoppers \(chat #shop\), payments\.<\/failure>/gm)?.length, 2)
    for (const render of [renderText, renderMarkdown, renderJunit]) {
      assert.doesNotMatch(render(decision([violation()]), null), /owned by|Belongs|name="owner"/)
    }
  })

  it('has at most 40 lines, says how many are left out, and keeps the link', () => {
    const owners = Array.from({ length: 20 }, (_, at) => ({ team: `team-${at}`, contact: 'x'.repeat(200) }))
    const many = { ...decision(Array.from({ length: 60 }, () => violation())), project: 'shop', owners }
    for (const output of [renderText(many, 'https://gate/x'), renderMarkdown(many, 'https://gate/x')]) {
      const lines = output.trimEnd().split('\n')
      assert.ok(lines.length <= 40, `${lines.length} lines`)
      assert.match(output, /… \d+ more/)
      assert.match(output, /https:\/\/gate\/x/)
    }
  })

  it('lets nothing that a stranger says become terminal control, markup, a link or a mention', () => {
    for (const output of rendered(
      '\u001b[2J\u202e@team www.x.example https://x.example <img src=x onerror=1> | [x](javascript:1) `c` $1$',
    )) {
      assert.doesNotMatch(output.replaceAll('\n', ''), /[\p{Cc}\p{Cs}\u202a-\u202e]/u)
    }
    const markdown = renderMarkdown(
      hostileDecision('@team www.x.example https://x.example <img src=x> | [x](javascript:1) `c` **b** $1$'),
      null,
    )
    const withoutCode = markdown.replaceAll(/`[^`]*`/g, '')
    const told = withoutCode.split('\n').filter((line) => line.includes('team'))
    assert.ok(told.length > 0)
    for (const line of told) assert.doesNotMatch(line, /<img|\]\(javascript|@team|www\.|https:\/\/|(?<!\\)[[\]$]|(?<!\\)\*\*b/, line)
    // Four cells a row: a bar that a stranger wrote opens none.
    for (const line of told.filter((text) => text.startsWith('|'))) assert.equal(line.match(/(?<!\\)\|/g)?.length, 5, line)
  })

  it('keeps each thing that it says on one line, so that none begins with a stranger’s words', () => {
    const [plain, hostile] = [rendered('quiet'), rendered('a\nb\r\nc\u2028d\u0085e\u000bf')]
    assert.deepEqual(
      hostile.map((output) => output.split(/[\n\r\u2028\u2029\u0085\v\f]/u).length),
      plain.map((output) => output.split('\n').length),
    )
  })

  it('holds no line that a CI service takes for a command', () => {
    const commands = [
      ...[
        '::set-output name=a::b',
        '  ::error::x',
        '##[add-mask]x',
        '##vso[task.setvariable variable=a]b',
        '##VSO[task.complete]',
        '##teamcity[buildStop]',
      ],
      ...['###vso[x]', '## ##[x]', '##\u200bvso[x]', '\n::stop-commands::x', '\r##[error]x'],
    ]
    for (const output of commands.flatMap(rendered)) {
      for (const line of output.split(/[\n\r]/)) {
        assert.doesNotMatch(line, /^\s*::/, output)
        // Azure Pipelines and TeamCity look for theirs anywhere in a line.
        assert.doesNotMatch(line, /##[a-z]*\[/i, output)
      }
    }
  })

  it('says how much old debt did not count, who pays it, and whether that mattered', () => {
    const use = {
      ...({ binding: 'vulnerabilities', pack: 'vulnerabilities', kind: 'snapshot', owner: 'platform-team', matched: 1500 } as const),
      ...{ expires: '2027-01-01T00:00:00.000Z', remaining: 1400, needed: true, setDigests: [] },
    }
    const text = renderText({ ...decision([]), baselines: [use, { ...use, pack: 'tests', matched: 0 }] }, null)
    assert.match(
      text,
      /^OLD {4}vulnerabilities\.baseline: 1500 pieces of old debt .*platform-team, until 2027.*1400 left.*would not pass$/m,
    )
    assert.doesNotMatch(text, /tests\.baseline/)
  })

  it('says who broke the glass, why and until when, in every form', () => {
    const breakGlass = {
      ...{ by: 'ann', until: '2026-11-20T14:00:00.000Z', bindings: ['tests'], rules: ['tests.max_failed'] },
      ...{ incident: 'INC-1', reason: 'down' },
    }
    const broken = { ...decision([]), breakGlass }
    for (const text of [renderText(broken, null), renderMarkdown(broken, null), renderJunit(broken, null)]) {
      assert.match(text, /glass broken by ann until 2026-11-20T14:00:00\.000Z against tests, incident INC.{0,2}-1: down/)
    }
    assert.doesNotMatch(renderText(decision([]), null), /glass/)
  })

  it('says that a dry run was not recorded', () => {
    const { id: _id, logIndex: _index, ...unrecorded } = decision([]) as AnsweredDecision & { id: string; logIndex: number }
    assert.match(renderText({ ...unrecorded, dryRun: true }, null), /nothing was recorded/)
  })
})

describe('a decision as JUnit XML', () => {
  it('is well-formed whatever a stranger says', () => {
    const xml = renderJunit(hostileDecision('\u0000\u001b\ud800\uffff ]]> <a b="c"> & \'d\' 😀'), null)
    const elements = parseXml(xml)
    assert.ok(elements.includes('testcase'))
    assert.doesNotMatch(xml, /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u)
  })

  it('is one test case for each pack, failed where it denies', () => {
    const xml = renderJunit(decision([violation(), violation({ rule: 'tests.max_failed', pack: 'tests' })]), null)
    assert.match(xml, /<testsuites name="portcullis" tests="2" failures="2" errors="0">/)
    assert.match(renderJunit(decision([]), null), /tests="1" failures="0"/)
  })
})
