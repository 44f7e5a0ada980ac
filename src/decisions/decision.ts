import type { Digest } from '../core/digest.ts'
import type { Severity } from '../core/severity.ts'
import type { WorkloadIdentity } from '../core/workload-identity.ts'
import type { Owner } from '../ownership/model.ts'
import type { DecisionAuthor } from './authors.ts'
import type { BaselineOrigin } from '../policy/baseline.ts'
import type { Rollback } from './rollback/marked.ts'
import type { Mode } from '../policy/model.ts'
import type { Trust } from '../policy/input.ts'
import type { BreakGlass } from './break-glass/break-glass.ts'
import type { BreakGlassRequest } from './break-glass/read-break-glass.ts'
import type { Review } from './reviews/review.ts'

export type Verdict = 'allow' | 'deny'

/** Well-known facts that a pipeline declares about a change; any other key is kept as well. */
export interface DecisionContext {
  commit?: string
  commitTime?: string
  author?: string
  actor?: string
  repository?: string
  ref?: string
  baseRef?: string
  version?: string
  trigger?: string
  pipeline?: string
  execution?: string
  executionUrl?: string
  startedAt?: string
  changeTicket?: string
  labels?: Readonly<Record<string, string>>
  [key: string]: unknown
}

/** What is asked. */
export interface DecisionRequest {
  subject: string
  stage: string
  environment?: string
  source?: string
  context?: DecisionContext
  dryRun?: boolean
  /** RFC 3339; only with `dryRun`. */
  at?: string
  /** Pass whatever policies say, where these permit it. */
  breakGlass?: BreakGlassRequest
}

/** A finding that a violation rests on. */
export interface ViolationFinding {
  id: string
  aliases: string[]
  purl: string | null
  package: string | null
  version: string | null
  severity: Severity
  fixedVersion: string | null
  location: string | null
  evidence: Digest
}

/** One reason against passing: a repair contract. */
export interface Violation {
  /** `<pack>.<rule>`. */
  rule: string
  pack: string
  binding: string | null
  message: string
  severity: Severity | null
  evidence: Digest[]
  missing: string[]
  fix: string | null
  findings: ViolationFinding[]
  waivableBy: string[]
  nextOpen: string | null
  /** Ids of the controls that the rule serves: `SOC2-CC8.1`. */
  controls: string[]
}

/** Findings that did not count, and by whose word. */
export interface WaivedFindings {
  /** `vex`: a statement of a trusted author; `tool`: the tool that reported them was told to pass them over. */
  kind: 'vex' | 'tool'
  /** Name of the principal whose word it is: the author, or who submitted the report. */
  author: string
  status: string
  /** The machine-readable label. */
  justification: string | null
  /** The author's own words. */
  statement: string | null
  /** The VEX document, or the report. */
  evidence: Digest
  /** Names of the bindings that took the word. */
  bindings: string[]
  count: number
  /** The first 100. */
  findings: ViolationFinding[]
}

/** What did not count by a waiver. */
export interface WaivedByWaiver {
  kind: 'waiver'
  /** Its id. */
  waiver: string
  rule: string
  reason: string
  /** Name of the principal. */
  requestedBy: string
  approvedBy: string[]
  /** RFC 3339 UTC. */
  expiresAt: string
  /** Names of the bindings that it helped. */
  bindings: string[]
  /** 0 where a violation passed that rests on no finding. */
  count: number
  /** The first 100. */
  findings: ViolationFinding[]
}

/** Old debt that did not count, as the baseline of a binding says. */
export interface BaselineUse {
  binding: string
  pack: string
  kind: BaselineOrigin['kind']
  /** Name of the principal or team that sees to it that the debt is paid. */
  owner: string
  /** RFC 3339 UTC: from then on everything counts. */
  expires: string
  /** Findings, failing tests or measures that did not count. */
  matched: number
  /** What of the baseline the reports still show: the burn-down count. */
  remaining: number
  /** Whether the pack would have failed without it; an allow that needed it ends when it expires. */
  needed: boolean
  /** The sets that were held, by which it can be judged again. */
  setDigests: Digest[]
}

/** Something that somebody granted and without which an allow would be a denial: it ends with it, and is voided if that is taken back. */
export interface DecisionGround {
  kind: 'waiver' | 'approval' | 'break-glass' | 'baseline'
  /** Names one of its kind; of a baseline the digest of its binding's name and where the debt comes from. */
  id: string
}

/** A piece of evidence that the decision saw. */
export interface EvidenceReference {
  digest: Digest
  id: string
  kind: string
  format: string
  name: string | null
  trust: Trust
  link: { kind: 'source' | 'platform'; proof: string; subject: string } | null
}

/** The recorded verdict, as the API shows it. */
export interface Decision {
  id: string
  verdict: Verdict
  /** True only if a binding in mode enforce applied, or the subject is blocked. */
  enforced: boolean
  dryRun: boolean
  subject: string
  subjectName: string | null
  stage: string
  environment: string
  repository: string | null
  /** What the repository belonged to, and who answered for it, as it was decided. */
  project: string | null
  owners: readonly Owner[]
  /** RFC 3339 UTC. */
  at: string
  expiresAt: string
  /** What the allow rests on; nothing for a denial. */
  restsOn: DecisionGround[]
  violations: Violation[]
  warnings: Violation[]
  shadow: Violation[]
  /** Bindings that don't enforce, and would have denied, by the rules of theirs that are broken. */
  wouldDeny: { binding: string; rules: string[] }[]
  waived: (WaivedFindings | WaivedByWaiver)[]
  baselines: BaselineUse[]
  /** At stage `rollback`: what is gone back to, if there is such a deployment. Null elsewhere. */
  rollback: Rollback | null
  /** Of a deny: the earliest time (RFC 3339 UTC) at which asking again makes sense; null if time alone will not do. */
  nextOpen: string | null
  pending: boolean
  /** Set for an allow against what policies say; null for any other decision. */
  breakGlass: BreakGlass | null
  /** Somebody else has to look at it afterwards; null if nobody has to. */
  review: Review | null
  evidence: Digest[]
  evidenceReferences: EvidenceReference[]
  sources: { id: string; proof: string; declaredBy: string[] }[]
  /** Who took part in the change that is judged. */
  authors: DecisionAuthor[]
  policies: { pack: string; version: Digest; binding: string; mode: Mode }[]
  inputDigest: Digest
  askedBy: string
  context: DecisionContext
  /** Which of `repository` and the keys of `context` were proven. */
  verified: string[]
  /** The keys of `context` that were only declared. */
  declared: string[]
  /** The keys of `context` for which the request gave another value than the proven one, which counts. */
  contradicted: string[]
  /** Who asked, by the word of an issuer of workload tokens; null for everybody else. */
  identity: WorkloadIdentity | null
}

/** A decision in the log, as it stands by now. */
export interface RecordedDecision extends Decision {
  logIndex: number
  /** RFC 3339 UTC: when something that the allow rests on was taken back, or its subject blocked. Null for one that stands, and for every denial. */
  voidedAt: string | null
}

/** What the asker gets: the decision, and its place in the log unless it was a dry run. */
export type AnsweredDecision = RecordedDecision | (Omit<Decision, 'id'> & { dryRun: true })
