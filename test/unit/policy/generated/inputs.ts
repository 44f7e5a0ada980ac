import fc from 'fast-check'

import { DOCUMENT_CLASSES, type EvidenceClass } from '../../../../src/core/evidence-class.ts'
import { SEVERITIES } from '../../../../src/core/severity.ts'
import type { FactName } from '../../../../src/policy/facts.ts'
import {
  TRUST_LEVELS,
  type InputEvidence,
  type InputFinding,
  type InputPromotion,
  type InputTests,
  type PolicyInput,
} from '../../../../src/policy/input.ts'
import type { PackManifest } from '../../../../src/policy/model.ts'
import { DOCUMENTS, NOW, REVISION, SUBJECT, time } from './documents.ts'
import { name, place } from './words.ts'

type Values<Type> = { [Key in keyof Type]: fc.Arbitrary<Type[Key]> }

const OTHER = `sha256:${'b'.repeat(64)}`
const REPOSITORIES = ['github.com/acme/app', 'acme/app', 'github.com/acme/web']

const count = fc.integer({ min: 0, max: 4 })
const perCent = fc.option(fc.integer({ min: 0, max: 200 }).map((halves) => halves / 2))
const repository = fc.option(fc.constantFrom(...REPOSITORIES))

const finding = (of: EvidenceClass): fc.Arbitrary<InputFinding> =>
  fc.record<InputFinding>({
    id: fc.constantFrom('CVE-1', 'ban-drop-column', 'quality_gate', 'duplicated_lines_density'),
    aliases: fc.array(fc.constant('GHSA-1'), { maxLength: 1 }),
    class: fc.constant(of),
    severity: fc.constantFrom(...SEVERITIES),
    score: perCent,
    purl: fc.option(fc.constant('pkg:npm/left-pad@1')),
    package: fc.option(name),
    version: fc.option(fc.constant('1')),
    fixed_version: fc.option(fc.constant('2')),
    fix_state: fc.option(fc.constant('fixed')),
    suppressed: fc.boolean(),
    first_seen: time,
    repeated: fc.boolean(),
  })

const tests: fc.Arbitrary<InputTests> = fc
  .record({ passed: count, failed: count, errored: count, skipped: count, flaky: count, passed_names: fc.array(name, { maxLength: 4 }) })
  .map((counts) => ({ ...counts, excused: 0, total: counts.passed + counts.failed + counts.errored + counts.skipped }))

const coverage = fc.record({ lines: perCent, branches: perCent, functions: perCent })
const units = fc.option(count.chain((total) => fc.record({ total: fc.constant(total), covered: fc.integer({ min: 0, max: total }) })))
const allUnits = fc.record({ lines: units, branches: units, functions: units })
/** Named as limits name them, too. */
const measures = fc.dictionary(
  fc.oneof(
    name,
    fc.constantFrom('complexity_per_function', 'duplicated_lines_density', 'quality_gate', 'quality_gate', 'thresholds', 'thresholds'),
  ),
  fc.integer({ min: 0, max: 60 }),
  { noNullPrototype: true },
)

const only = <Value>(present: boolean, value: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> => (present ? value : fc.constant(null))

function evidenceOf(of: EvidenceClass): fc.Arbitrary<InputEvidence> {
  const values: Values<InputEvidence> = {
    digest: fc.constantFrom('sha256:01', 'sha256:02'),
    class: fc.constant(of),
    format: name,
    tool: name,
    name: of === 'metrics' ? fc.constantFrom('unit', 'main', 'approved') : fc.option(name),
    completeness: fc.constantFrom('complete', 'complete', 'complete', 'partial'),
    time: time.map((at) => Math.min(at, NOW)),
    database_time: fc.option(time),
    trust: fc.constantFrom(...TRUST_LEVELS),
    submitter: name,
    link: fc.option(
      fc.record({ kind: fc.constant('source' as const), proof: fc.constant('declared' as const), subject: fc.constant(REVISION) }),
    ),
    covers: fc.constantFrom([SUBJECT], [SUBJECT], [SUBJECT, OTHER], []),
    findings: fc.array(finding(of), { maxLength: 3 }),
    coverage: only(of === 'coverage', coverage),
    units: only(of === 'coverage', allUnits),
    tests: only(of === 'tests', tests),
    measures: fc.option(measures),
    document: only(DOCUMENT_CLASSES.has(of), DOCUMENTS[of] ?? fc.constant({})),
    previous: only(of === 'coverage', fc.option(fc.record({ digest: fc.constant('sha256:03'), coverage }))),
    floor: only(of === 'coverage', fc.option(coverage)),
  }
  return fc.record(values)
}

const calendar = fc.record({
  restricted: fc.boolean(),
  open: fc.boolean(),
  windows: fc.array(name, { maxLength: 1 }),
  closes_at: fc.constant(null),
  next_open: fc.option(fc.constant('2027-01-18T08:00:00Z')),
  freezes: fc.array(fc.record({ name, reason: fc.option(name), until: fc.constant('2027-02-01T00:00:00Z') }), { maxLength: 2 }),
  excepted: fc.array(name, { maxLength: 1 }),
  next_freeze_at: fc.constant(null),
})

const priorDecision = fc.record({
  id: fc.constantFrom('d1', 'd2'),
  verdict: fc.constantFrom('allow' as const, 'allow' as const, 'deny' as const),
  stage: place,
  environment: place,
  repository,
  at: time,
  expires: time,
})

const rollbackTarget = fc.option(fc.constantFrom('eu', 'us'))

const rollback = fc.record({
  candidates: fc.array(
    fc.record({
      ...{ deployment: fc.constant('e1'), subject: fc.constant(SUBJECT), target: rollbackTarget, started: time, finished: time },
      grounded_by: fc.option(fc.constant('d1')),
      replaces: fc.constant({ deployment: 'e2', subject: OTHER, state: 'succeeded' }),
    }),
    { maxLength: 2 },
  ),
  running: fc.array(rollbackTarget, { maxLength: 2 }),
  newer: fc.array(rollbackTarget, { maxLength: 2 }),
})

const approval = fc.record({
  id: fc.constantFrom('a1', 'a2'),
  by: name,
  groups: fc.uniqueArray(name, { maxLength: 3 }),
  at: time,
  expires: fc.oneof(fc.constant(NOW + 60), time),
  objections: fc.constantFrom([], [], [], ['own_work'], ['author_unverified', 'own_request']),
  not_with: fc.constant<number[]>([]),
})

/** What the parameters demand of them `coherent` adds. */
const approvals = fc.record({ items: fc.array(approval, { maxLength: 5 }), alike: fc.boolean() }).map(({ items, alike }) => ({
  requirements: [],
  items: items.map((item, at) => ({ ...item, not_with: alike && at < 2 && items.length > 1 ? [1 - at] : [] })),
}))

const promotion = fc.record<InputPromotion>({
  runs: fc.array(
    fc.record({ environment: place, deployment: fc.constant('e1'), target: rollbackTarget, since: time, until: fc.option(time) }),
    { maxLength: 3 },
  ),
  in_flight: fc.constantFrom<InputPromotion['in_flight'][]>([], [], [{ deployment: 'e2', target: null, since: NOW - 60 }]),
  steps_back: fc.constantFrom<InputPromotion['steps_back'][]>([], [], [{ target: 'eu', from: OTHER }]),
})

/** What packs can be told besides evidence: a new fact needs its values here. */
const FACTS: { [Name in FactName]: fc.Arbitrary<PolicyInput[Name]> } = {
  calendar: fc.option(calendar),
  prior: fc.array(priorDecision, { maxLength: 4 }),
  rollback: fc.option(rollback, { freq: 9 }),
  approvals: fc.option(approvals, { freq: 8 }),
  promotion: fc.option(promotion, { freq: 9 }),
}

/** Inputs of every shape that a pack can get, but for its parameters. Facts that it doesn't ask for are absent. */
export function inputsFor({ classes, facts }: PackManifest): fc.Arbitrary<Omit<PolicyInput, 'parameters'>> {
  const evidence: fc.Arbitrary<InputEvidence[]> =
    classes.length === 0 ? fc.constant([]) : fc.array(fc.constantFrom(...classes).chain(evidenceOf), { maxLength: 3 })
  const asked = (fact: FactName): boolean => facts.includes(fact)
  const values: Values<Omit<PolicyInput, 'parameters'>> = {
    version: fc.constant(1),
    now: fc.constant(NOW),
    subject: fc.oneof(
      fc.record({
        id: fc.constant(SUBJECT),
        kind: fc.constant('artifact' as const),
        name: fc.option(
          fc.constantFrom(
            'registry.example/app',
            'registry.example:5000/acme/app:1.2.3',
            'app:v2.0.0-rc.1',
            'app:1.2.3-ccccccc',
            'app:latest',
          ),
        ),
      }),
      fc.constant({ id: REVISION, kind: 'source' as const, name: null }),
    ),
    stage: asked('rollback') ? fc.constantFrom('rollback', 'rollback', 'rollback', 'Rollback', 'production') : place,
    environment: place,
    repository,
    verified: fc.subarray(['repository', 'commit']),
    identity: fc.constant(null),
    context: fc.record(
      { changeTicket: fc.constantFrom('CHG1', 'OPS-7'), version: fc.constantFrom('1.2.3', 'latest'), commit: fc.constant('c'.repeat(40)) },
      { requiredKeys: [] },
    ),
    labels: fc.constant({}),
    sources: fc.constantFrom([], [{ id: REVISION, proof: 'declared' as const }]),
    platforms: fc.constantFrom(
      [{ id: SUBJECT, platform: null }],
      [{ id: SUBJECT, platform: null }],
      [
        { id: SUBJECT, platform: 'linux/amd64' },
        { id: OTHER, platform: null },
      ],
    ),
    evidence,
    calendar: asked('calendar') ? FACTS.calendar : fc.constant(null),
    prior: asked('prior') ? FACTS.prior : fc.constant([]),
    rollback: asked('rollback') ? FACTS.rollback : fc.constant(null),
    approvals: asked('approvals') ? FACTS.approvals : fc.constant(null),
    promotion: asked('promotion') ? FACTS.promotion : fc.constant(null),
  }
  return fc.record(values)
}
