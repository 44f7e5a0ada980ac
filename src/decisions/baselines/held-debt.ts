import type { Digest } from '../../core/digest.ts'
import type { EvidenceDocument } from '../../evidence/index.ts'
import type { SelectedEvidence } from '../evidence-selection.ts'
import { contentOf, narrowed, united, type BaselineContent, type BaselineSet } from './content.ts'
import { baselineLane, laneDigest, type BaselineLane } from './lanes.ts'

/** The evidence that counts of one lane. */
export interface EvidenceLane {
  lane: BaselineLane
  digest: Digest
  items: readonly SelectedEvidence[]
}

/** The old debt of a lane. */
export interface LaneDebt {
  /** Null if the lane has no history: then everything counts. */
  set: BaselineSet | null
  history: DebtHistory
}

/** Where debt comes from. */
export interface DebtHistory {
  /** RFC 3339 UTC: the time of the snapshot, or when the success of the newest deployment in it was received; `''` without history. */
  at: string
  /** Milliseconds since the epoch: reports that were received before say nothing of what was paid since. */
  since: number
  /** True if it takes the place of what was held before; else it is a part of that. */
  replaces: boolean
}

export interface HeldLane extends EvidenceLane, LaneDebt {}

/** The old debt that doesn't count for one binding, lane by lane. */
export interface HeldDebt {
  /** Equal keys mean equal debt. */
  key: string
  lanes: readonly HeldLane[]
}

export const NO_DEBT: HeldDebt = { key: '', lanes: [] }

/** The evidence by lanes, in stable order. */
export function byLane(counted: readonly SelectedEvidence[]): EvidenceLane[] {
  const lanes = new Map<Digest, { lane: BaselineLane; digest: Digest; items: SelectedEvidence[] }>()
  for (const item of counted) {
    const lane = baselineLane(item)
    const digest = laneDigest(lane)
    const known = lanes.get(digest)
    if (known) known.items.push(item)
    else lanes.set(digest, { lane, digest, items: [item] })
  }
  return [...lanes.values()].sort((a, b) => (a.digest < b.digest ? -1 : 1))
}

/** What is held of each piece of evidence. Several of one lane, such as the platforms of an index, are each held to the whole. */
export function contentsHeld({ lanes }: HeldDebt): ReadonlyMap<SelectedEvidence, BaselineContent> {
  return new Map(lanes.flatMap(({ items, set }) => (set ? items.map((item) => [item, set.content] as const) : [])))
}

/**
 * What is left of the debt of each lane. Only evidence that can satisfy a pack shows that something was paid.
 * @param documents by id of the evidence
 */
export function leftAfter({ lanes }: HeldDebt, documents: ReadonlyMap<string, EvidenceDocument>): (BaselineSet | null)[] {
  return lanes.map(({ lane, items, set }) => {
    const shown = united(satisfying(items).flatMap(({ evidence }) => contentIn(documents.get(evidence.id), lane)))
    return set && shown ? narrowed(set, shown) : null
  })
}

/** When the newest of the evidence was received that `leftAfter` looks at; undefined if there is none. */
export function newestReceipt({ items }: EvidenceLane): number | undefined {
  const receipts = satisfying(items).map(({ received }) => received)
  return receipts.length === 0 ? undefined : Math.max(...receipts)
}

function satisfying(items: readonly SelectedEvidence[]): SelectedEvidence[] {
  return items.filter(({ covers }) => covers.length > 0)
}

function contentIn(document: EvidenceDocument | undefined, lane: BaselineLane): BaselineContent[] {
  return document ? [contentOf(document, lane.class)] : []
}
