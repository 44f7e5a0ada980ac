import { canonicalDigest } from '../../core/canonical-json.ts'
import type { Digest } from '../../core/digest.ts'
import type { EvidenceClass } from '../../core/evidence-class.ts'
import { toolKey } from '../../evidence/index.ts'
import type { SelectedEvidence } from '../evidence-selection.ts'

/** What baselines are kept apart by: debt of one report never excuses what another one finds. */
export interface BaselineLane {
  /**
   * Whose the observation is (`ownerKey`): the repository that the submitter's token or source says, never an asker; else the globs that
   * the token is confined to; `''` if it is nobody's.
   */
  repository: string
  class: EvidenceClass
  /** As `toolKey` gives it. */
  tool: string
  /** `''` for a report without a name. */
  name: string
}

/** The lane that a piece of evidence is in. */
export function baselineLane(item: SelectedEvidence): BaselineLane {
  return { repository: item.owner, class: item.class, tool: toolKey(item.evidence), name: item.evidence.name ?? '' }
}

/** A short name of a lane, for keys. */
export function laneDigest(lane: BaselineLane): Digest {
  return canonicalDigest(lane)
}
