import { sha256Digest } from '../core/digest.ts'
import type { EvidenceDocument } from '../evidence/evidence.ts'
import { firstSeenKey } from '../evidence/first-seen.ts'
import type { Finding } from '../evidence/model.ts'

/** How many findings stand in one part of a stored document, and so cross to the writer in one piece. */
export const FINDINGS_PER_PART = 1000

/** A document without its findings: part 0. */
export type DocumentHead = Omit<EvidenceDocument, 'findings'>

/** The findings of parts 1, 2, …, in order. */
export function findingParts(findings: readonly Finding[]): Finding[][] {
  return Array.from({ length: Math.ceil(findings.length / FINDINGS_PER_PART) }, (_, part) =>
    findings.slice(part * FINDINGS_PER_PART, (part + 1) * FINDINGS_PER_PART),
  )
}

// Attacker-controlled and of any length, but part of an index row, which must stay short.
const MAX_KEY = 256

/** The key under which `first_seen` keeps a finding. @param key as `firstSeenKey` gives it */
export function storedFindingKey(key: string): string {
  return key.length > MAX_KEY ? sha256Digest(key) : key
}

/** `storedFindingKey` of a finding. */
export function findingKey(finding: Finding): string {
  return storedFindingKey(firstSeenKey(finding))
}
