import fc from 'fast-check'

import type { EvidenceClass } from '../../../../src/core/evidence-class.ts'
import { name } from './words.ts'

export const NOW = 1_800_000_000

/** A time near that of the decision, in seconds. */
export const time = fc.oneof(
  fc.constantFrom(NOW, NOW - 1, NOW + 1),
  fc.integer({ min: -48, max: 48 }).map((hours) => NOW + hours * 3600),
)

const planned = fc.option(time)

const changeRecord = fc.record({
  ticket: fc.constantFrom('CHG1', 'CHG12', 'OPS-7', 'chg1', '7'),
  state: name,
  approved: fc.option(fc.boolean()),
  type: fc.option(name),
  planned_start: planned,
  planned_end: planned,
  planned_start_at: fc.option(fc.constant('2027-01-15T08:00:00.000Z')),
  back_out_plan: fc.boolean(),
})

export const SUBJECT = `sha256:${'a'.repeat(64)}`
export const REVISION = `git+https://github.com/acme/app@${'c'.repeat(40)}`

const sourceReview = fc.record({
  change: fc.constant('github.com/acme/app/pull/7'),
  revisions: fc.constantFrom([SUBJECT], [SUBJECT, REVISION], [REVISION], ['git+https://github.com/acme/app@other']),
  base: fc.constantFrom('main', 'main', 'release/2', 'release/2/x'),
  protected: fc.constantFrom(true, true, true, false, null),
  approvals: fc.array(
    fc.record({
      by: fc.constantFrom('ann', 'Ann', 'ben', 'eve'),
      current: fc.constantFrom(true, true, false),
      independent: fc.constantFrom(true, true, false),
    }),
    { maxLength: 4 },
  ),
  objections: fc.constantFrom([], [], [], ['eve']),
  checks: fc.array(
    fc.record({
      name: fc.constantFrom('unit', 'trivy', 'main'),
      result: fc.constantFrom('success', 'approved', 'normal', 'absent'),
      required: fc.boolean(),
    }),
    { maxLength: 3 },
  ),
  commits: fc.constantFrom(2, 2, null),
  signed: fc.constantFrom(2, 2, 1, null),
  code_owners: fc.constantFrom('approved', 'approved', 'pending', 'unknown'),
})

const metrics = fc.record({
  series: fc.array(fc.record({ labels: name, values: fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 4 }) }), { maxLength: 2 }),
  newest: fc.option(time),
})

const container = fc.record({
  name: fc.constant('app'),
  image: fc.constantFrom('app', 'app:1.2.3'),
  tag: fc.constantFrom('1.2.3', '1.2.3', 'latest', null),
  pinned: fc.boolean(),
  init: fc.boolean(),
  probes: fc.subarray(['liveness', 'readiness', 'startup'], { minLength: 2 }),
  limits: fc.subarray(['cpu', 'memory'], { minLength: 1 }),
  requests: fc.subarray(['cpu', 'memory']),
})

const manifest = fc.record({
  workloads: fc.array(
    fc.record({
      kind: fc.constant('Deployment'),
      name,
      namespace: fc.constant(''),
      serves: fc.boolean(),
      several: fc.boolean(),
      budget: fc.boolean(),
      containers: fc.array(container, { minLength: 1, maxLength: 2 }),
    }),
    { maxLength: 2 },
  ),
})

const migrations = fc.record(
  { migrations: fc.constant(2), without_down: fc.constantFrom([], [], [], ['2.up.sql']) },
  { requiredKeys: ['migrations'] },
)

const rollbackDrill = fc.record({
  environment: fc.constantFrom('staging', 'Staging', 'trivy', 'main', 'production'),
  succeeded: fc.constantFrom(true, true, true, false),
  started: time.map((at) => at - 60),
  finished: time,
})

/** What packs read whole, in the form of each class: a class that is not here would never be seen by its pack. */
export const DOCUMENTS: Partial<Record<EvidenceClass, fc.Arbitrary<Record<string, unknown>>>> = {
  'change-record': changeRecord,
  metrics,
  migrations,
  manifests: manifest,
  'rollback-drill': rollbackDrill,
  'source-review': sourceReview,
}
