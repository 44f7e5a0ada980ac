import { EVIDENCE_CLASSES } from '../core/evidence-class.ts'
import { SEVERITIES } from '../core/severity.ts'
import type { WorkloadFacts, WorkloadIdentity } from '../core/workload-identity.ts'
import {
  TRUST_LEVELS,
  type InputApproval,
  type InputApprovals,
  type InputCalendar,
  type InputCoverage,
  type InputEvidence,
  type InputFinding,
  type InputPriorDecision,
  type InputPromotion,
  type InputRollback,
  type InputTests,
  type InputUnits,
  type PolicyInput,
} from './input.ts'

/** JSON Schema of values of a type; the compiler holds the two against each other. */
interface Schema<Value> {
  json: Readonly<Record<string, unknown>>
  /** Never there: for the compiler. */
  of?: Value
}

const text: Schema<string> = { json: { type: 'string' } }
const flag: Schema<boolean> = { json: { type: 'boolean' } }
const amount: Schema<number> = { json: { type: 'number' } }
const count: Schema<number> = { json: { type: 'integer', minimum: 0 } }
const seconds: Schema<number> = { json: { type: 'number', description: 'Seconds since the epoch.' } }
const instant: Schema<string> = { json: { type: 'string', format: 'date-time', description: 'RFC 3339 in UTC.' } }
const anything: Schema<Readonly<Record<string, unknown>>> = { json: { type: 'object' } }

function oneOf<const Value extends string>(...values: readonly Value[]): Schema<Value> {
  return { json: { type: 'string', enum: values } }
}

/** With `anyOf`, which is what OPA's type checker reads: of a list of types it takes the first. */
function nullable<Value>({ json: { description, ...json } }: Schema<Value>): Schema<Value | null> {
  return { json: { ...(description !== undefined && { description }), anyOf: [json, { type: 'null' }] } }
}

function list<Value>({ json }: Schema<Value>): Schema<Value[]> {
  return { json: { type: 'array', items: json } }
}

function map<Value>({ json }: Schema<Value>): Schema<Record<string, Value>> {
  return { json: { type: 'object', additionalProperties: json } }
}

function meaning<Value>(description: string, { json }: Schema<Value>): Schema<Value> {
  return { json: { description, ...json } }
}

type Properties<Value> = { [Key in keyof Value]-?: Schema<Exclude<Value[Key], undefined>> }

function object<Value>(properties: Properties<Value>): Schema<Value> {
  return { json: { type: 'object', additionalProperties: false, required: Object.keys(properties), properties: jsonOf(properties) } }
}

/** An object of which any member may be absent. */
function partial<Value>(properties: Properties<Value>): Schema<Value> {
  return { json: { type: 'object', additionalProperties: false, properties: jsonOf(properties) } }
}

function jsonOf(properties: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(properties as Record<string, Schema<unknown>>).map(([name, { json }]) => [name, json]))
}

const finding = object<InputFinding>({
  id: meaning('`CVE-2027-0001`, or the rule that a scanner names.', text),
  aliases: list(text),
  class: oneOf(...EVIDENCE_CLASSES),
  severity: oneOf(...SEVERITIES),
  score: nullable(amount),
  purl: nullable(text),
  package: nullable(text),
  version: nullable(text),
  fixed_version: nullable(text),
  fix_state: nullable(text),
  suppressed: flag,
  first_seen: meaning('Seconds since the epoch: when the repository first saw it.', amount),
  repeated: meaning('True if an earlier finding of this input is the same one: it counts once.', flag),
})

const coverage = object<InputCoverage>({ lines: nullable(amount), branches: nullable(amount), functions: nullable(amount) })
const units = nullable(object<InputUnits>({ covered: count, total: count }))

const tests = object<InputTests>({
  total: count,
  passed: count,
  failed: count,
  errored: count,
  skipped: count,
  flaky: count,
  excused: meaning('Of `total`: those that failed, but are old debt.', count),
  passed_names: meaning('Those of the parameter `requiredNames` that passed.', list(text)),
})

const evidence = object<InputEvidence>({
  digest: text,
  class: oneOf(...EVIDENCE_CLASSES),
  format: text,
  tool: text,
  name: nullable(text),
  completeness: meaning('Only what is complete can satisfy.', oneOf('complete', 'empty', 'partial', 'failed')),
  time: meaning("Seconds since the epoch: the report's own time, else its receipt.", amount),
  database_time: nullable(seconds),
  trust: meaning('Who stands behind it: whoever asks, somebody else, or a verified signature.', oneOf(...TRUST_LEVELS)),
  submitter: text,
  link: nullable(
    object<NonNullable<InputEvidence['link']>>({
      kind: oneOf('source', 'platform'),
      proof: oneOf('declared', 'provenance', 'index'),
      subject: text,
    }),
  ),
  covers: meaning('The ids of `platforms` that it can satisfy.', list(text)),
  findings: list(finding),
  coverage: nullable(coverage),
  units: nullable(object<NonNullable<InputEvidence['units']>>({ lines: units, branches: units, functions: units })),
  tests: nullable(tests),
  measures: meaning('Named figures, such as `http_req_duration.p(95)`.', nullable(map(amount))),
  document: meaning(
    'What was posted, for the class `json`; a document in the form of its class for those that are read whole.',
    nullable(anything),
  ),
  previous: nullable(object<NonNullable<InputEvidence['previous']>>({ digest: text, coverage })),
  floor: nullable(coverage),
})

const calendar = object<InputCalendar>({
  restricted: meaning('False while no window is defined.', flag),
  open: flag,
  windows: meaning('Those that are open now.', list(text)),
  closes_at: nullable(instant),
  next_open: nullable(instant),
  freezes: meaning(
    'Those in force now.',
    list(object<InputCalendar['freezes'][number]>({ name: text, reason: nullable(text), until: instant })),
  ),
  excepted: meaning('Freezes in force that do not count, since an exception is met.', list(text)),
  next_freeze_at: nullable(instant),
})

const priorDecision = object<InputPriorDecision>({
  id: text,
  verdict: oneOf('allow', 'deny'),
  stage: text,
  environment: text,
  repository: nullable(text),
  at: seconds,
  expires: seconds,
})

type Candidate = InputRollback['candidates'][number]

const rollback = object<InputRollback>({
  candidates: meaning(
    'Where it would be a rollback, the newest start first.',
    list(
      object<Candidate>({
        deployment: text,
        subject: text,
        target: nullable(text),
        started: seconds,
        finished: seconds,
        grounded_by: nullable(text),
        replaces: object<Candidate['replaces']>({ deployment: text, subject: text, state: text }),
      }),
    ),
  ),
  running: meaning('Targets where it runs.', list(nullable(text))),
  newer: meaning('Targets where what runs is older.', list(nullable(text))),
})

const approvals = object<InputApprovals>({
  requirements: list(object<InputApprovals['requirements'][number]>({ required: count, groups: list(text), given: list(count) })),
  items: list(
    object<InputApproval>({
      ...{ id: text, by: text, groups: list(text), at: seconds, expires: seconds },
      objections: meaning('Why it does not count; nothing if it does.', list(text)),
      not_with: meaning('Places of the approvals that the same person could stand behind.', list(count)),
    }),
  ),
})

const promotion = object<InputPromotion>({
  runs: meaning(
    'How long it ran in the environments that the parameter `soakHours` names.',
    list(
      object<InputPromotion['runs'][number]>({
        ...{ environment: text, deployment: text, target: nullable(text), since: seconds, until: nullable(seconds) },
      }),
    ),
  ),
  in_flight: meaning(
    'What else of the repository is being deployed to this environment.',
    list(object<InputPromotion['in_flight'][number]>({ deployment: text, target: nullable(text), since: seconds })),
  ),
  steps_back: meaning(
    'Targets here in which a newer one runs.',
    list(object<InputPromotion['steps_back'][number]>({ target: nullable(text), from: text })),
  ),
})

const facts = partial<WorkloadFacts>({
  ...{ repository: text, commit: text, ref: text, baseRef: text, actor: text, trigger: text },
  ...{ pipeline: text, execution: text, executionUrl: text, environment: text, runner: text },
})

const input = object<PolicyInput>({
  version: { json: { const: 1, type: 'integer' } },
  now: meaning('The time of the decision, in seconds since the epoch.', amount),
  subject: object<PolicyInput['subject']>({ id: text, kind: oneOf('artifact', 'source'), name: nullable(text) }),
  stage: text,
  environment: text,
  repository: nullable(text),
  verified: meaning('`repository` and the keys of `context` that are proven. What was only declared proves nothing.', list(text)),
  identity: meaning(
    'Who asks, where an issuer of workload tokens vouches for it.',
    nullable(object<WorkloadIdentity>({ issuer: text, kind: text, subject: text, facts })),
  ),
  context: meaning('What the asker says about commit, author, run and so on.', anything),
  labels: map(text),
  sources: meaning(
    'The source revisions that the artifact is linked to.',
    list(object<PolicyInput['sources'][number]>({ id: text, proof: oneOf('declared', 'provenance') })),
  ),
  platforms: meaning(
    'What needs evidence by itself: each platform of an index, else the subject alone.',
    list(object<PolicyInput['platforms'][number]>({ id: text, platform: nullable(text) })),
  ),
  evidence: meaning('What counts of the classes that the policy names in `custom.classes`.', list(evidence)),
  calendar: meaning('Null unless `custom.facts` names it.', nullable(calendar)),
  prior: meaning('The newest enforced decisions about the subject; empty unless `custom.facts` names it.', list(priorDecision)),
  rollback: meaning('Null unless `custom.facts` names it, and but at stage `rollback`.', nullable(rollback)),
  approvals: meaning('Null unless `custom.facts` names it.', nullable(approvals)),
  promotion: meaning('Null unless `custom.facts` names it.', nullable(promotion)),
  parameters: meaning("The binding's parameters, with the defaults of `params.schema.json`.", anything),
})

/** JSON Schema (2020-12) of `input` (see `input.ts`): published, and what `opa check --schema` holds policies against. */
export const POLICY_INPUT_SCHEMA: Readonly<Record<string, unknown>> = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Input of a policy',
  description: 'What a policy reads as `input` when it is asked for a decision.',
  ...input.json,
}
