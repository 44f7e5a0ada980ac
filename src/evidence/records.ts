import { canonicalDigest } from '../core/canonical-json.ts'
import type { Evidence, Observation } from './evidence.ts'

/**
 * The record that the log entry about a submission speaks for: `body.digest` is `canonicalDigest` of it.
 * It names the evidence by the digest of its own canonical JSON, so that a change of either row shows.
 */
export function observationRecord(evidence: Evidence, observation: Observation): object {
  return { evidence: canonicalDigest(evidence), observation }
}
