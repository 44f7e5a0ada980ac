import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { canonicalDigest } from '../../../../src/core/canonical-json.ts'
import type { Access } from '../../../../src/core/principal.ts'
import type { Decision, RecordedDecision } from '../../../../src/decisions/decision.ts'
import { ENGINE, type BindingReference, type ReferenceForm } from '../../../../src/decisions/reference-form.ts'
import { Replays, type ReplayParts } from '../../../../src/decisions/replay/replay.ts'
import type { EvaluationOutcome } from '../../../../src/policy/evaluator.ts'
import type { Binding, PackManifest } from '../../../../src/policy/model.ts'
import { EVERY_VERSION, fixedCatalogue } from '../../../support/fixed-catalogue.ts'

const DIGEST = canonicalDigest('anything')
const SUBJECT = canonicalDigest('subject')
const ACCESS = { confinement: {} } as Access

const MANIFEST: PackManifest = {
  ...{ name: 'tests', title: 'Tests', description: '', digest: DIGEST, wasmDigest: DIGEST, dataDigest: null, opa: '1.22.0' },
  ...{ entrypoint: 'portcullis/tests/results', classes: ['tests'], facts: [], rules: [] },
  parameters: { type: 'object', properties: { max: { type: 'integer', default: 0 } } },
}

const BINDING: Binding = {
  ...{ name: 'tests', pack: 'tests', version: 'latest', parameters: {}, mode: 'enforce', validFor: 'P7D', revision: 3 },
  ...{ updatedAt: '2026-11-01T00:00:00.000Z', updatedBy: 'ann' },
}

const REFERENCE: BindingReference = {
  ...{ name: 'tests', revision: 3, pack: 'tests', version: DIGEST, mode: 'enforce', validFor: 'P7D' },
  ...{ parameters: canonicalDigest({ max: 0 }), evidence: [], unusable: [], evidenceDigest: DIGEST },
  ...{ fault: null, vex: [], vexFamily: null, baseline: null, facts: {}, endsAt: [], restsOn: [] },
}
// Of an empty list: what the pack sees without evidence.
const NO_EVIDENCE = 'sha256:4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945'

const FORM: ReferenceForm = {
  ...{ version: 2, at: '2026-11-02T00:00:00.000Z', subject: SUBJECT, subjectName: null, stage: 'production', environment: 'production' },
  ...{
    repository: null,
    verified: [],
    context: {},
    identity: null,
    breakGlass: null,
    asker: { id: 'id', issuers: [], repositories: null },
  },
  ...{ sources: [], platforms: [{ id: SUBJECT, platform: null }], engine: ENGINE, broken: [], waivers: [], blocks: [] },
  bindings: [{ ...REFERENCE, evidenceDigest: NO_EVIDENCE }],
}

const ALLOWED: Partial<Decision> = {
  ...{ id: 'one', inputDigest: DIGEST, verdict: 'allow', enforced: true, expiresAt: '2026-11-09T00:00:00.000Z' },
  ...{ restsOn: [], violations: [], warnings: [], shadow: [], waived: [], baselines: [], pending: false, breakGlass: null, wouldDeny: [] },
  ...{ evidence: [], evidenceReferences: [] },
  policies: [{ pack: 'tests', version: DIGEST, binding: 'tests', mode: 'enforce' }],
}

/** A store of one decision; the engine answers with these results. */
function replays(
  form: Partial<ReferenceForm> = {},
  more: { results?: unknown[]; decision?: Partial<Decision> } & Partial<ReplayParts> = {},
) {
  const { results = [], decision = ALLOWED, ...parts } = more
  return new Replays({
    decisions: {
      find: async (id) => (id === 'one' ? ({ ...decision, logIndex: 1, voidedAt: null } as RecordedDecision) : undefined),
      input: async () => JSON.stringify({ ...FORM, ...form }),
    },
    facts: { evidence: async () => new Map(), document: async () => undefined, firstSeen: async () => new Map() },
    bindings: { revised: async (_name, revision) => (revision === 3 ? BINDING : undefined) },
    baselines: { set: async () => undefined },
    waivers: { byIds: async () => [] },
    catalogues: fixedCatalogue([MANIFEST]),
    versions: EVERY_VERSION,
    evaluator: { ready: () => true, evaluate: async (all) => all.map((): EvaluationOutcome => ({ ok: true, results })) },
    ...parts,
  })
}

const reasons = async (...given: Parameters<typeof replays>) =>
  (await replays(...given).replay(ACCESS, 'one'))?.reasons.map(({ code }) => code)

describe('A replay', () => {
  it('is identical where the packs say the same again', async () => {
    const report = await replays().replay(ACCESS, 'one')
    assert.deepEqual(report, {
      ...{ decision: 'one', inputDigest: DIGEST, identical: true, verdict: { recorded: 'allow', replayed: 'allow' } },
      ...{ engine: { recorded: ENGINE, now: ENGINE }, differences: [], reasons: [] },
    })
  })

  it('names what differs if the same packs say otherwise', async () => {
    const report = await replays({}, { results: [{ rule: 'max_failed', message: 'One failed.' }] }).replay(ACCESS, 'one')
    assert.deepEqual([report?.identical, report?.verdict], [false, { recorded: 'allow', replayed: 'deny' }])
    assert.deepEqual(report?.differences.map(({ field }) => field).sort(), ['verdict', 'violations'])
    assert.deepEqual(
      report?.reasons.map(({ code }) => code),
      ['unexplained'],
    )
  })

  it('says if another engine evaluates', async () => {
    const engine = { node: '24.1.0', zones: '2024a' }
    assert.deepEqual(await reasons({ engine }, { results: ['odd'] }), ['engine_differs'])
    assert.deepEqual(await reasons({ engine }), [], 'as long as the result is the same it is nothing to report')
  })

  it('says if only a sentence is worded otherwise', async () => {
    const violation = { rule: 'tests.max_failed', message: 'In other words.', fix: null }
    const again = await replays({}, { results: [{ rule: 'max_failed', message: 'One failed.' }] }).replay(ACCESS, 'one')
    const replayed = again?.differences.find(({ field }) => field === 'violations')?.replayed as object[]
    const decision = {
      ...ALLOWED,
      verdict: 'deny' as const,
      violations: [{ ...replayed[0], ...violation }] as Decision['violations'],
    }
    assert.deepEqual(await reasons({}, { results: [{ rule: 'max_failed', message: 'One failed.' }], decision }), ['wording_differs'])
  })

  it('says if the evidence is composed otherwise', async () => {
    assert.deepEqual(await reasons({ bindings: [REFERENCE] }, { results: ['odd'] }), ['evidence_differs'])
    assert.deepEqual(await reasons({ bindings: [REFERENCE] }), ['evidence_differs'], 'also if it changes nothing')
  })

  it('is not made without the pack version, the binding, its parameters or the evidence of then', async () => {
    const withBinding = (changed: Partial<BindingReference>) => ({ bindings: [{ ...REFERENCE, ...changed }] })
    const item = {
      id: 'gone',
      digest: DIGEST,
      class: 'tests',
      time: 0,
      trust: 'asker',
      submitter: 'ann',
      link: null,
      match: 'match',
    } as const
    assert.deepEqual(await reasons(withBinding({ version: SUBJECT })), ['pack_version_missing'])
    assert.deepEqual(await reasons(withBinding({ revision: 2 })), ['binding_missing'])
    assert.deepEqual(await reasons(withBinding({ parameters: DIGEST })), ['parameters_differ'])
    assert.deepEqual(await reasons({ broken: [{ name: 'tests', revision: 2, reason: 'no such pack' }] }), ['binding_missing'])
    const evidence = [{ ...item, covers: [], repository: null, repositoryProven: false, previous: null }]
    assert.deepEqual(await reasons(withBinding({ evidence })), ['evidence_removed'])
    const report = await replays(withBinding({ evidence })).replay(ACCESS, 'one')
    assert.deepEqual([report?.identical, report?.verdict.replayed], [false, null])
  })

  it('is made of no decision that the asker may not see', async () => {
    assert.equal(await replays().replay(ACCESS, 'another'), undefined)
  })
})
