import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

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
      trust: 'submitter',
      submitter: 'ci',
      link: null,
      match: 'unstated',
      repository: null,
      covers: [evidence.subject],
    })
  }
  return composeEvidence(selected, {
    documents,
    firstSeen: new Map(Object.entries(firstSeen)),
    previous: new Map(),
    requiredNames: [],
    opinions: new VexOpinions([], SUBJECT, []),
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
      const item = { time: 0, trust: 'submitter', submitter: 'ci', link: null, match: 'unstated', repository: null, covers: [] } as const
      const parts = { documents, firstSeen: new Map(), previous: new Map(), requiredNames: [], opinions: new VexOpinions([], SUBJECT, []) }
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
