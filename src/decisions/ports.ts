import type { IdempotencyClaim } from '../core/idempotency.ts'
import type { IdentityName } from '../core/linked-identity.ts'
import type { EntryDraft } from '../core/log-entry.ts'
import type { Page, PageRequest } from '../core/page.ts'
import type { Evidence, EvidenceDocument, Link, Observation } from '../evidence/evidence.ts'
import type { BaselineLane } from './baselines/lanes.ts'
import type { BaselineMove } from './baselines/ports.ts'
import type { Decision, RecordedDecision, Verdict } from './decision.ts'

/** An evidence with one of its observations. */
export interface ObservedEvidence {
  evidence: Evidence
  observation: Observation
}

/** All that is on record about a subject and what it is linked to. */
export interface SubjectFacts {
  links: Link[]
  /** Every observation of evidence about the subject or a subject that it is linked to (source, platforms, index). */
  observed: ObservedEvidence[]
}

/** A deployment that others may rely on: it succeeded, and an enforced allow had grounded it. */
export interface GroundedDeployment {
  id: string
  subject: string
  target: string | null
  /** RFC 3339 UTC: the receipt of its success. */
  finishedAt: string
  /** Id of that allow. */
  groundedBy: string
}

/** Reads what a decision rests on. All reads see every committed write. */
export interface FactsReader {
  /** Grows with every committed change of evidence or links; equal numbers mean that earlier answers still hold. */
  evidenceRevision(): Promise<number>
  /** Another text after every committed change of what verdicts come from: evidence, approvals, waivers, calendars and policies. */
  revision(): Promise<string>
  about(subject: string): Promise<SubjectFacts>
  /** What is kept of pieces of evidence besides their documents, by id. */
  evidence(ids: readonly string[]): Promise<ReadonlyMap<string, Evidence>>
  /** Immutable; undefined only if retention removed it. */
  document(evidenceId: string): Promise<EvidenceDocument | undefined>
  /**
   * When any of the repositories (`''` for observations of no known repository) first saw each key (`firstSeenKey`),
   * milliseconds since the epoch. Keys that none of them saw are absent.
   */
  firstSeen(repositories: readonly string[], keys: readonly string[]): Promise<ReadonlyMap<string, number>>
  /** The newest complete coverage evidence of the repository and name that was observed before `before` (ms) and isn't about `notSubjects`. */
  previousCoverage(
    repository: string,
    name: string | null,
    before: number,
    notSubjects: readonly string[],
  ): Promise<{ evidence: Evidence; document: EvidenceDocument } | undefined>
  /**
   * The subjects of complete reports of the lane's owner, tool and name that were received until `until` (ms), whatever their class;
   * the one with the newest receipt first, `limit` at most.
   */
  subjectsReporting(lane: BaselineLane, until: number, limit: number): Promise<string[]>
  /** The principals whose identities these are, by `identityText`; what is nobody's is absent. */
  holders(identities: readonly IdentityName[]): Promise<ReadonlyMap<string, { id: string; name: string }>>
  /** The newest enforced, recorded decision per stage × environment × repository about any of the subjects, the newest first; of voided ones too. */
  newestDecisions(subjects: readonly string[]): Promise<RecordedDecision[]>
  /** Those of them that others may rely on: where the newest one was voided, there is none. */
  priorDecisions(subjects: readonly string[]): Promise<RecordedDecision[]>
  /**
   * The grounded deployment of the repository (null: of none) whose success in the environment was received last before `before` (ms),
   * leaving out those of `notSubject`.
   */
  lastGroundedDeployment(
    environment: string,
    repository: string | null,
    before: number,
    notSubject?: string,
  ): Promise<GroundedDeployment | undefined>
  /** All of these, the newest success first, at most `limit`. */
  groundedDeployments(
    environment: string,
    repository: string | null,
    before: number,
    limit: number,
    notSubject?: string,
  ): Promise<GroundedDeployment[]>
}

export interface DecisionRecord {
  decision: Decision
  /** The stored input in reference form, as canonical JSON; `decision.inputDigest` is its digest. */
  input: string
  entry: EntryDraft
  idempotency: IdempotencyClaim | undefined
  /** A link that the asker declared with `source`. */
  link: Link | undefined
  /** What it does to the heads of baselines, in the same transaction. */
  moves: readonly BaselineMove[]
  /** Number of the newest block by which an allow was judged; undefined for a denial, which none changes. */
  newestBlock: number | undefined
}

export interface DecisionFilter {
  subject?: string
  stage?: string
  environment?: string
  repository?: string
  verdict?: Verdict
  rule?: string
  /** Id of a control that a violation, warning or shadow finding serves. */
  control?: string
  actor?: string
  /** Only those with a review in this state. */
  review?: 'open' | 'closed'
  /** Filters on well-known context fields. */
  context?: Readonly<Record<string, string>>
  from?: string
  to?: string
  /** Repository globs of the projects that it is about; letter case doesn't count in them. */
  owned?: readonly string[]
  /** What a confined reader may see. */
  visibleTo?: { repositories?: readonly string[]; environments?: readonly string[]; stages?: readonly string[] }
}

/** A decision that a binding had something against while it didn't enforce. */
export interface ObjectionRow extends Pick<Decision, 'id' | 'subject' | 'stage' | 'environment' | 'repository' | 'verdict' | 'at'> {
  rules: string[]
}

/** RFC 3339 UTC; `from` is inclusive, `to` exclusive. */
export interface DecisionPeriod {
  from: string
  to: string
}

/** A recorded decision with what it rests on. */
export interface StoredDecision {
  decision: RecordedDecision
  /** The stored input in reference form, as canonical JSON. */
  input: string
}

/** Writes decisions with their log entry, and reads them back. */
export interface DecisionStore {
  /**
   * Appends entry and decision in one transaction; resolves after the commit.
   * A repeat of a claimed idempotency key writes nothing and gives back the decision recorded first.
   * @throws {AppError} `ground_revoked` if what the allow rests on was taken back in the meantime, `block_placed` if its subject was blocked: it
   *   has to be judged again
   */
  record(record: DecisionRecord): Promise<{ decision: Decision; logIndex: number; voidedAt: string | null; repeated: boolean }>
  find(id: string, visibleTo?: DecisionFilter['visibleTo']): Promise<RecordedDecision | undefined>
  /** The stored input of the decision at this log index, as canonical JSON. */
  input(logIndex: number): Promise<string | undefined>
  list(filter: DecisionFilter, page: PageRequest): Promise<Page<RecordedDecision>>
  /** The decisions, newest first and `limit` at most, that a binding had something against while it didn't enforce. `from` is inclusive, `to` exclusive. */
  objections(binding: string, period: { from: string; to: string }, limit: number): Promise<{ rows: ObjectionRow[]; complete: boolean }>
  /** How many decisions of a period may be seen, and the log index of the last one; -1 without any. */
  period(period: DecisionPeriod, visibleTo: DecisionFilter['visibleTo']): Promise<{ total: number; last: number }>
  /** Log indexes of the next decisions of a period that may be seen, in order. */
  positions(
    range: DecisionPeriod & { after: number; last: number },
    visibleTo: DecisionFilter['visibleTo'],
    limit: number,
  ): Promise<number[]>
  /** Decisions at these log indexes with their stored inputs, as far as they may be seen. */
  stored(positions: readonly number[], visibleTo: DecisionFilter['visibleTo']): Promise<StoredDecision[]>
}
