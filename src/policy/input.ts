import type { Completeness, EvidenceClass } from '../core/evidence-class.ts'
import type { Severity } from '../core/severity.ts'
import type { WorkloadIdentity } from '../core/workload-identity.ts'

/** How much stands behind a piece of evidence, weakest first. */
export const TRUST_LEVELS = ['asker', 'submitter', 'signer'] as const
export type Trust = (typeof TRUST_LEVELS)[number]

/** A finding as packs see it. Times are numbers so that packs compare without builtins. */
export interface InputFinding {
  id: string
  aliases: string[]
  class: EvidenceClass
  severity: Severity
  score: number | null
  purl: string | null
  package: string | null
  version: string | null
  fixed_version: string | null
  fix_state: string | null
  suppressed: boolean
  /** Seconds since the epoch when the repository first saw this vulnerability in this package. */
  first_seen: number
  /** True if an earlier finding of this input is the same one, reported by another tool or shard: it counts once. */
  repeated: boolean
}

/** What coverage is measured of. */
export const COVERAGE_MEASURES = ['lines', 'branches', 'functions'] as const
export type CoverageMeasure = (typeof COVERAGE_MEASURES)[number]

/** Covered and coverable lines, branches or functions. */
export interface InputUnits {
  covered: number
  total: number
}

/** Coverage in percent; null where not measured. */
export type InputCoverage = Record<CoverageMeasure, number | null>

export interface InputTests {
  total: number
  passed: number
  failed: number
  errored: number
  skipped: number
  flaky: number
  /** Cases of `total` that failed or errored, but are old debt: they are in neither count. */
  excused: number
  /** Those of the parameter `requiredNames` that the report shows as passed. */
  passed_names: string[]
}

/** One piece of evidence that counts: the newest usable observation of its class × tool × name. What it found counts in any case. */
export interface InputEvidence {
  digest: string
  class: EvidenceClass
  format: string
  tool: string
  name: string | null
  completeness: Completeness
  /** Seconds since the epoch: the report's own time where it has one (never later than its receipt), else its receipt. */
  time: number
  /** Seconds since the epoch of the scanner's database, if stated. */
  database_time: number | null
  trust: Trust
  submitter: string
  /** How it was reached: null when it is about the subject itself. */
  link: { kind: 'source' | 'platform'; proof: 'declared' | 'provenance' | 'index'; subject: string } | null
  /** The ids of `platforms` that it can satisfy; none where it says nothing about them, or came over a link that isn't trusted. */
  covers: readonly string[]
  findings: InputFinding[]
  coverage: InputCoverage | null
  /** What `coverage` is made of: covered and coverable units, so that reports can be added up. */
  units: { lines: InputUnits | null; branches: InputUnits | null; functions: InputUnits | null } | null
  tests: InputTests | null
  /** Named figures: `http_req_duration.p(95)` of k6, `duplicated_lines_density` of SonarQube; null where there are none. */
  measures: Readonly<Record<string, number>> | null
  /** For evidence of the class `json` the document itself; for classes that packs read whole, its contents in the form of the class. */
  document: Readonly<Record<string, unknown>> | null
  /** For coverage: the newest earlier complete report of the same name for the same repository, if any. */
  previous: { digest: string; coverage: InputCoverage } | null
  /** For coverage: what a baseline holds it at; a measure that is null isn't held. Null without a baseline. */
  floor: Readonly<InputCoverage> | null
}

/** A change window or freeze in relation to the time of the decision. Times are RFC 3339 UTC. */
export interface InputCalendar {
  /** False when no window is defined: then it is always open but for freezes. */
  restricted: boolean
  open: boolean
  /** Names of the windows that are open now. */
  windows: string[]
  /** When the current opening ends; null if it has no end. */
  closes_at: string | null
  /** When it next opens; null while open, or if it never opens within a year. */
  next_open: string | null
  /** Freezes in force now. */
  freezes: { name: string; reason: string | null; until: string }[]
  /** Names of freezes in force that don't count, since an exception is met. */
  excepted: string[]
  /** Start of the next freeze, if one is defined. */
  next_freeze_at: string | null
}

/** An earlier recorded decision on which a later stage may rely. */
export interface InputPriorDecision {
  id: string
  verdict: 'allow' | 'deny'
  stage: string
  environment: string
  repository: string | null
  /** Seconds since the epoch: when it was made. */
  at: number
  /** Seconds since the epoch. */
  expires: number
}

/** What going back to the subject would be, in each target of the environment where it was deployed. Times are seconds since the epoch, to the millisecond. */
export interface InputRollback {
  /**
   * Where it would be a rollback: grounded deployments that succeeded there before what was started last, and no step forward after an
   * earlier rollback. The newest start first.
   */
  candidates: {
    deployment: string
    /** The judged subject, or an index that lists it. */
    subject: string
    target: string | null
    started: number
    finished: number
    grounded_by: string | null
    /** What was started last in that target. */
    replaces: { deployment: string; subject: string; state: string }
  }[]
  /** Targets where it runs. */
  running: (string | null)[]
  /** Targets where what runs is older. */
  newer: (string | null)[]
}

/** What a promotion is held against. Times are whole seconds since the epoch. */
export interface InputPromotion {
  /** How long grounded deployments of the subject, or of an index that lists it, ran in the environments that the parameter `soakHours` names. */
  runs: { environment: string; deployment: string; target: string | null; since: number; until: number | null }[]
  /** What else of the repository is being deployed to this environment. */
  in_flight: { deployment: string; target: string | null; since: number }[]
  /** Targets here in which a newer one runs, and which that is. */
  steps_back: { target: string | null; from: string }[]
}

/** The approvals in force for the subject at this stage, environment and repository. */
export interface InputApprovals {
  /** What the parameters of the pack `approvals` demand here, each with the approvals that count for it, by their places in `items`. */
  requirements: { required: number; groups: readonly string[]; given: readonly number[] }[]
  items: InputApproval[]
}

/** One person's approval. */
export interface InputApproval {
  id: string
  /** Name of the approver. */
  by: string
  /** Groups of the approver, as they are now. */
  groups: readonly string[]
  /** Seconds since the epoch: when it was given, and when it ceases to count. */
  at: number
  expires: number
  /** Why it doesn't count (see `governance/four-eyes.ts`); nothing if it does. */
  objections: readonly string[]
  /** The items behind which the same person could stand. */
  not_with: readonly number[]
}

/**
 * What a pack sees: `input` of its Rego. The same shape for shipped and custom packs.
 * Keys are snake_case as is usual in Rego.
 */
export interface PolicyInput {
  version: 1
  /** Seconds since the epoch: the time of the decision. Packs never read a clock. */
  now: number
  subject: { id: string; kind: 'artifact' | 'source'; name: string | null }
  stage: string
  environment: string
  repository: string | null
  /** `repository` and the keys of `context` that are proven; what was only declared decides nothing that could let pass. */
  verified: readonly string[]
  /** Who asks, by the word of an issuer of workload tokens, with the facts that its claims prove; null for everybody else. */
  identity: WorkloadIdentity | null
  /** What is said about commit, author, run …; proof of nothing but what `verified` names. */
  context: Readonly<Record<string, unknown>>
  labels: Readonly<Record<string, string>>
  /** The source revisions that the artifact is linked to. */
  sources: { id: string; proof: 'declared' | 'provenance' }[]
  /** What needs evidence by itself: each platform of an index, else the subject alone. */
  platforms: readonly { id: string; platform: string | null }[]
  evidence: InputEvidence[]
  /** Present only where the pack's parameters define windows or freezes. */
  calendar: InputCalendar | null
  /** The newest enforced, recorded decision per stage × environment × repository for this subject or what it is linked to. */
  prior: InputPriorDecision[]
  /** Present only at stage `rollback`. */
  rollback: InputRollback | null
  /** Null unless the pack asks for it. */
  approvals: InputApprovals | null
  promotion: InputPromotion | null
  /** The binding's parameters with the schema's defaults filled in. */
  parameters: Readonly<Record<string, unknown>>
}
