import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { contentOf, type BaselineContent } from '../../../src/decisions/baselines/content.ts'
import type { EvidenceDocument } from '../../../src/evidence/evidence.ts'
import type { Finding } from '../../../src/evidence/model.ts'
import { composeEvidence } from '../../../src/decisions/compose-evidence.ts'
import { firstSeenKey } from '../../../src/evidence/first-seen.ts'
import type { SelectedEvidence } from '../../../src/decisions/evidence-selection.ts'
import { VexOpinions } from '../../../src/decisions/vex.ts'
import { documentOf, observed, SUBJECT, vulnerability } from '../../support/evidence.ts'

function compose(reports: Finding[][], firstSeen: Record<string, number> = {}) {
  const selected: SelectedEvidence[] = []
  const documents = new Map()
  for (const findings of reports) {
    const { evidence } = observed()
    documents.set(evidence.id, documentOf(findings))
    selected.push({
      class: 'vulnerabilities',
      evidence,
      time: 1_000_000,
      received: 1_000_000,
      trust: 'submitter',
      submitter: 'ci',
      link: null,
      match: 'unstated',
      repository: null,
      repositoryProven: false,
      owner: '',
      covers: [evidence.subject],
    })
  }
  return composeEvidence(selected, {
    documents,
    firstSeen: new Map(Object.entries(firstSeen)),
    previous: new Map(),
    requiredNames: [],
    opinions: new VexOpinions([], SUBJECT, { indexes: [], related: [] }),
    held: () => undefined,
  }).input.map(({ findings }) => findings)
}

describe('what packs see of findings', () => {
  it('keeps distinct findings of one report apart, even where another report names them all as one', () => {
    const three = ['CVE-1', 'CVE-2', 'CVE-3'].map((id) => vulnerability(id, 'critical'))
    const advisory = vulnerability('GHSA-1', 'low', { aliases: ['CVE-1', 'CVE-2', 'CVE-3'] })
    for (const order of [
      [[advisory], three],
      [three, [advisory]],
    ]) {
      const findings = compose(order).flat()
      assert.equal(findings.filter(({ repeated, severity }) => !repeated && severity === 'critical').length, 3)
    }
  })

  it('counts a vulnerability once that two tools report, under whichever id', () => {
    const [first, second] = compose([
      [vulnerability('CVE-2026-1', 'medium', { fixedVersion: null })],
      [vulnerability('GHSA-1', 'critical', { aliases: ['CVE-2026-1'], fixedVersion: '3.0.15' })],
    ])
    assert.deepEqual(
      [first?.[0]?.severity, first?.[0]?.fixed_version, first?.[0]?.repeated, second?.[0]?.repeated],
      ['critical', '3.0.15', false, true],
    )
  })

  it('does not take the same vulnerability in another package or version for a repeat', () => {
    const [, second] = compose([
      [vulnerability('CVE-2026-1', 'high')],
      [
        vulnerability('CVE-2026-1', 'high', { purl: 'pkg:deb/debian/openssl@3.0.12' }),
        vulnerability('CVE-2026-1', 'high', { purl: 'pkg:npm/x@1' }),
      ],
    ])
    assert.deepEqual(
      second?.map(({ repeated }) => repeated),
      [false, false],
    )
  })

  it("does not let one tool's suppression hide what another reports", () => {
    const [first, second] = compose([[vulnerability('CVE-2026-1', 'low', { suppressed: true })], [vulnerability('CVE-2026-1', 'high')]])
    assert.deepEqual([first?.[0]?.suppressed, first?.[0]?.severity, second?.[0]?.repeated], [false, 'high', true])
  })

  it('keeps a finding that counts as it is when another tool suppressed it', () => {
    const [first] = compose([[vulnerability('CVE-2026-1', 'low')], [vulnerability('CVE-2026-1', 'critical', { suppressed: true })]])
    assert.deepEqual([first?.[0]?.suppressed, first?.[0]?.severity], [false, 'low'])
  })

  it('dates a finding by its first sighting, else by the report', () => {
    const known = vulnerability('CVE-2026-1', 'high')
    const [findings] = compose([[known, vulnerability('CVE-2026-2', 'high')]], { [firstSeenKey(known)]: 5_000 })
    assert.deepEqual(
      findings?.map(({ first_seen }) => first_seen),
      [5, 1000],
    )
  })
})

describe('what packs see of figures and documents', () => {
  it('is the measures of quality and performance, and the document of the format json', () => {
    const shown = (['quality', 'coverage', 'json'] as const).map((name) => {
      const { evidence } = observed({ scanned: [name] })
      const documents = new Map([[evidence.id, { ...documentOf([]), measures: { 'latency.p(95)': 410 }, document: { approved: true } }]])
      const item = {
        time: 0,
        received: 0,
        trust: 'submitter',
        submitter: 'ci',
        link: null,
        match: 'unstated',
        repository: null,
        repositoryProven: false,
        owner: '',
        covers: [],
      } as const
      const parts = {
        documents,
        firstSeen: new Map(),
        previous: new Map(),
        requiredNames: [],
        held: () => undefined,
        opinions: new VexOpinions([], SUBJECT, { indexes: [], related: [] }),
      }
      const [composed] = composeEvidence([{ class: name, evidence, ...item }], parts).input
      return [composed?.measures, composed?.document]
    })
    assert.deepEqual(shown, [
      [{ 'latency.p(95)': 410 }, null],
      [null, null],
      [null, { approved: true }],
    ])
  })
})

describe('what packs see where a baseline holds old debt', () => {
  function composeHeld(name: 'vulnerabilities' | 'tests' | 'coverage', stated: Partial<EvidenceDocument>, held: BaselineContent) {
    const { evidence } = observed({ scanned: [name] })
    const item: SelectedEvidence = {
      ...{ class: name, evidence, time: 0, received: 0, trust: 'submitter', submitter: 'ci', link: null, match: 'unstated' },
      ...{ repository: null, repositoryProven: false, owner: '', covers: [SUBJECT] },
    }
    return composeEvidence([item], {
      documents: new Map([[evidence.id, { ...documentOf([]), ...stated }]]),
      firstSeen: new Map(),
      previous: new Map(),
      requiredNames: [],
      held: () => held,
      opinions: new VexOpinions([], SUBJECT, { indexes: [], related: [] }),
    })
  }

  it('are the new findings alone, and the listed ones stand at the same places', () => {
    const [old, fresh] = [vulnerability('CVE-2020-1', 'critical'), vulnerability('CVE-2026-1', 'high')]
    const { input, findings, excused } = composeHeld(
      'vulnerabilities',
      { findings: [old, fresh] },
      contentOf(documentOf([old]), 'vulnerabilities'),
    )
    assert.deepEqual(
      input[0]?.findings.map(({ id }) => id),
      ['CVE-2026-1'],
    )
    assert.deepEqual([findings, excused], [[[fresh]], [1]])
  })

  it('are tests of which the old failures are in neither count, each by its own outcome', () => {
    const failing = [
      { suite: 's', name: 'old failure', message: null, outcome: 'failed' as const },
      { suite: 's', name: 'old error', message: null, outcome: 'errored' as const },
      { suite: 's', name: 'new error', message: null, outcome: 'errored' as const },
    ]
    const tests = { total: 9, passed: 5, failed: 1, errored: 2, skipped: 1, passedNames: [], failing, flaky: [] }
    const held = contentOf({ ...documentOf([]), tests: { ...tests, failing: failing.slice(0, 2) } }, 'tests')
    const composed = composeHeld('tests', { tests }, held)
    assert.deepEqual(composed.input[0]?.tests, {
      ...{ total: 9, passed: 5, failed: 0, errored: 1, skipped: 1, flaky: 0, excused: 2, passed_names: [] },
    })
    assert.deepEqual(composed.excused, [2])
  })

  it('are the floors beside the coverage, counted where it is at or above them', () => {
    const of = (covered: number) => ({ covered, total: 100 })
    const held: BaselineContent = { kind: 'floors', floors: { lines: 40, branches: 40, functions: null } }
    const composed = composeHeld('coverage', { coverage: { lines: of(40), branches: of(39), functions: of(1) } }, held)
    assert.deepEqual([composed.input[0]?.floor, composed.excused], [{ lines: 40, branches: 40, functions: null }, [1]])
  })
})
