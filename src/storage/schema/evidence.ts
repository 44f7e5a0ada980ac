import type { Generated } from 'kysely'

export interface EvidenceTable {
  /** Ascends with receipt; allotted by the `evidence` counter. */
  no: number
  id: string
  digest: string
  subject: string
  format: string
  /** `''` for none, so that uniqueness holds. */
  name: string
  kind: string
  completeness: string
  submitted_by: string
  received_at: string
  /** Canonical JSON of the evidence. */
  record: string
}

/** The document of an evidence in parts: part 0 without findings, every later one holding a run of them. */
export interface EvidenceDocumentTable {
  evidence_no: number
  part: number
  /** JSON, zstd. */
  body: Uint8Array
}

/** Numbers of documents whose findings were written ahead of their evidence. */
export interface StagedEvidenceTable {
  no: number
  /** Milliseconds since the epoch. */
  at: number
}

export interface FindingTable {
  evidence_no: number
  seq: number
  class: string
  vulnerability: string
  purl: string | null
  package: string | null
  severity: string
  fixed: number
  suppressed: number
}

export interface ObservationTable {
  no: Generated<number>
  id: string
  evidence_no: number
  at: string
  /** `''` for none. */
  repository: string
  /** As `toolKey` gives it. */
  tool: string
  /** The name of the evidence; `''` for none. */
  name: string
  /** 1 if the evidence is complete. */
  complete: number
  scope_id: number
  /** 1 if the evidence speaks for coverage and is complete. */
  coverage: number
  /** JSON of the observation. */
  record: string
}

/**
 * Who may read observations (JSON): the repository that they are about, where it is known, else `Observation.repositories`.
 * Few distinct ones, so that a reader's globs are matched in memory.
 */
export interface ObservationScopeTable {
  id: Generated<number>
  globs: string
}

export interface LinkTable {
  no: Generated<number>
  from_id: string
  to_id: string
  kind: string
  proof: string
  platform: string | null
  declared_by: string
  /** JSON: the declarer's groups. */
  declarer_groups: string
  /** JSON: the globs of the repositories that the declarer speaks for, or null. */
  scope: string
  at: string
}

export interface AliasTable {
  subject: string
  name: string
  at: string
}

export interface FirstSeenTable {
  /** `''` for observations of no known repository. */
  repository: string
  finding: string
  /** Milliseconds since the epoch. */
  at: number
}
