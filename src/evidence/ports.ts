import type { Digest } from '../core/digest.ts'
import type { Completeness, EvidenceClass } from '../core/evidence-class.ts'
import type { IdempotencyClaim } from '../core/idempotency.ts'
import type { EntryDraft } from '../core/log-entry.ts'
import type { Page, PageRequest } from '../core/page.ts'
import type { Severity } from '../core/severity.ts'
import type { Evidence, EvidenceDocument, Link, ListedFinding, Observation } from './evidence.ts'

/** Keeps bytes under their SHA-256. */
export interface BlobStore {
  /** Stores the bytes and returns once they are on disk; storing the same bytes again changes nothing. */
  put(digest: Digest, bytes: Uint8Array): Promise<void>
  /** The bytes, or undefined if there are none under that digest (never stored, or removed by retention). */
  get(digest: Digest): Promise<Uint8Array | undefined>
}

/** A submission, ready to be written. */
export interface NewEvidence {
  /** What is written if no evidence of the same digest, subject, format and name exists yet. */
  evidence: Evidence
  document: EvidenceDocument
  /** Always written; its `evidenceId` becomes that of the evidence that exists. */
  observation: Observation
  links: readonly Link[]
  /** An alias of the subject (`registry/repo`), if the caller named one. */
  alias: string | undefined
  /** The entry that tells of the observation. */
  entry: EntryDraft
  idempotency: IdempotencyClaim | undefined
}

export interface EvidenceFilter {
  /** Identity of the subject, or of something linked to it. */
  subject?: string
  kind?: EvidenceClass
  format?: string
  name?: string
  completeness?: Completeness
  submittedBy?: string
  from?: string
  to?: string
  /** Repository globs of the projects that it is about; letter case doesn't count in them. */
  owned?: readonly string[]
  /** Repository globs of a confined reader: only evidence with an observation that belongs to one of them or to all. */
  visibleTo?: readonly string[]
}

/** Writes evidence and reads it back for users. */
export interface EvidenceStore {
  /**
   * Writes the observation, and the evidence unless it exists; the promise resolves after the commit.
   * A repeat of a claimed idempotency key writes nothing and gives back the evidence recorded first.
   * @throws {AppError} `idempotency_key_reused` if the key was used with another fingerprint
   */
  record(submission: NewEvidence): Promise<{ evidence: Evidence; created: boolean; repeated: boolean }>
  /**
   * Writes several observations, all or none, in one transaction; their own `idempotency` is left aside.
   * @throws {AppError} as `record` does
   */
  recordAll(
    submissions: readonly NewEvidence[],
    idempotency: IdempotencyClaim | undefined,
  ): Promise<{ items: { evidence: Evidence; created: boolean }[]; repeated: boolean }>
  /** `visibleTo` as in `EvidenceFilter`. */
  find(id: string, visibleTo?: readonly string[]): Promise<Evidence | undefined>
  list(filter: EvidenceFilter, page: PageRequest): Promise<Page<Evidence>>
  findings(id: string, filter: { severity?: Severity; repositories?: readonly string[] }, page: PageRequest): Promise<Page<ListedFinding>>
  document(id: string): Promise<EvidenceDocument | undefined>
  observations(id: string): Promise<Observation[]>
  /** Links from and to a subject. */
  links(subject: string): Promise<Link[]>
}
