import type { Digest } from '../../core/digest.ts'
import type { Page, PageRequest } from '../../core/page.ts'
import type { DebtHistory } from './held-debt.ts'
import type { BaselineLane } from './lanes.ts'

/** Where a baseline stands in one lane. */
export interface BaselineHead {
  baseline: Digest
  lane: BaselineLane
  set: Digest
  /** What there was to be paid at first, and what is left of it (`BaselineSet.count`). */
  initial: number
  remaining: number
  /** RFC 3339 UTC. */
  createdAt: string
  /** When it last shrank. */
  updatedAt: string
}

/** What a decision needs to know of a head. */
export interface StandingHead {
  set: Digest
  /** `DebtHistory.at` of what it holds. */
  historyAt: string
  /** Milliseconds since the epoch: receipt of the newest report that it was compared with. */
  comparedAt: number
}

/** What a recorded decision does to a head. Heads are made with the first decision, and only an allow narrows them. */
export interface BaselineMove {
  baseline: Digest
  lane: BaselineLane
  laneDigest: Digest
  /** The set that the decision rests on; it is kept, whatever becomes of the head. */
  set: StoredSet
  /** True if the binding is enforced: others have no head. */
  hasHead: boolean
  /** Where the set comes from: a head that knows less of it takes it over. */
  history: DebtHistory
  /** What is left by the reports that the decision allowed, the newest of them received at `received` (ms); null if it narrows nothing. */
  left: (StoredSet & { received: number }) | null
}

/** A `BaselineSet` on its way to the store. */
export interface StoredSet {
  digest: Digest
  /** Null if the store has it. */
  text: string | null
  count: number
}

export interface BaselineHeadFilter {
  /** Ids of the baselines in force. */
  baselines: readonly Digest[]
  repository?: string
  /** Repository globs of the projects that it is about; letter case doesn't count in them. */
  owned?: readonly string[]
  /** Repository globs of a confined reader: only heads whose owners lie within them are shown to it. */
  visibleTo?: readonly string[]
}

/** Keeps heads and sets; decisions move heads as they are recorded (`DecisionRecord.moves`). */
export interface BaselineStore {
  /** The heads of a baseline by digest of their lane; lanes without a head are absent. Sees every committed write. */
  heads(baseline: Digest, lanes: readonly Digest[]): Promise<ReadonlyMap<Digest, StandingHead>>
  /** When a repository was first judged under a baseline (RFC 3339 UTC), if it was. */
  begunAt(baseline: Digest, repository: string): Promise<string | undefined>
  /** The text of a set; immutable. */
  set(digest: Digest): Promise<string | undefined>
  /** Heads in the order in which they were made. */
  list(filter: BaselineHeadFilter, page: PageRequest): Promise<Page<BaselineHead>>
  /** What remains of each baseline in the lanes of each repository (`BaselineLane.repository`). */
  remaining(baselines: readonly Digest[]): Promise<{ baseline: Digest; repository: string; remaining: number }[]>
}
