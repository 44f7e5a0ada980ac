import type { Authorship } from '../core/contributor.ts'
import type { Digest } from '../core/digest.ts'
import type { Completeness, EvidenceClass } from '../core/evidence-class.ts'
import type { Severity } from '../core/severity.ts'
import type { WorkloadIdentity } from '../core/workload-identity.ts'
import type { CoverageTotals, Finding, IndexManifest, TestTotals, VexStatement } from './model.ts'

/** The digest inside the report against the claimed one, links included. */
export type SubjectMatch = 'match' | 'mismatch' | 'unstated'

/** The normalised summary of a report: what the `summary` field of the API shows. */
export interface EvidenceSummary {
  scanned: EvidenceClass[]
  /** Findings per severity that the tool did not suppress; only where the format reports findings. */
  counts?: Record<Severity, number>
  /** Of `counts`, those with a known fixed version. */
  fixable?: Record<Severity, number>
  /** Findings that the tool itself suppressed, per severity; not in `counts`. */
  suppressed?: Record<Severity, number>
  /** `counts` apart for each class that the report examined. */
  classes?: Partial<Record<EvidenceClass, Record<Severity, number>>>
  /** Percent, two decimals; null when the report does not measure it. */
  lines?: number | null
  branches?: number | null
  functions?: number | null
  total?: number
  passed?: number
  failed?: number
  errored?: number
  skipped?: number
  flaky?: number
}

/** An immutable document about a subject. Identity: digest of the bytes, subject, format and name. */
export interface Evidence {
  id: string
  /** Digest of the bytes as received. */
  digest: Digest
  /** Digest of the bytes as kept; differs from `digest` only if secrets were blanked. */
  storedDigest: Digest
  redacted: boolean
  /** Identity of the subject that the submitter claimed. */
  subject: string
  kind: EvidenceClass
  format: string
  name: string | null
  tool: { name: string; version: string | null }
  completeness: Completeness
  completenessReason: string | null
  summary: EvidenceSummary
  /** The report's own time as written, with its offset. */
  reportedAt: string | null
  databaseAt: string | null
  statedDigests: Digest[]
  confirmingDigests: Digest[]
  /** `os/architecture[/variant]` of the examined image, if the report says so. */
  platform: string | null
  /** What of the subject was examined, in the tool's words; empty if the report speaks for all of it. */
  examined: string[]
  receivedAt: string
  /** Name of the principal who submitted it first. */
  submittedBy: string
  /** Size of the report as received, in bytes. */
  size: number
}

/** What a report says in full; immutable, kept apart from the row that lists it. */
export interface EvidenceDocument {
  findings: Finding[]
  coverage: CoverageTotals | null
  tests: TestTotals | null
  /** Named figures; null where the format has none. */
  measures: Readonly<Record<string, number>> | null
  /** As in `ParsedReport`: null for formats whose class has no form of its own. */
  document: Readonly<Record<string, unknown>> | null
  manifests: IndexManifest[] | null
  vex: VexStatement[] | null
  authorship: Authorship | null
}

/** One submission of the bytes of an evidence. */
export interface Observation {
  id: string
  evidenceId: string
  /** Receipt, RFC 3339 UTC. */
  at: string
  submitterId: string
  submitterName: string
  submitterGroups: readonly string[]
  /** Ids of the principals who could have used the submitter's credential as well. */
  issuerIds: readonly string[]
  /** Globs of the repositories that it belongs to; null counts everywhere. */
  repositories: readonly string[] | null
  /** The one repository it is about, if that is known (exact confinement, else the stated source); for history, not visibility. */
  repository: string | null
  /** The pipeline run: proven by the identity if that names one, else the caller's name of it. */
  run: string | null
  /** Who submitted it, by the word of an issuer of workload tokens; null for everybody else. */
  identity: WorkloadIdentity | null
  /** Which of `repository` and `run` are proven. */
  verified: readonly string[]
}

/** What joins an artifact to its source, or an index to its platforms. */
export interface Link {
  /** Identity of the artifact or index. */
  from: string
  /** Identity of the source revision or platform manifest. */
  to: string
  kind: 'source' | 'platform'
  proof: 'declared' | 'provenance' | 'index'
  declaredBy: string
  declarerGroups: readonly string[]
  /** For platforms: `os/architecture[/variant]` as the index states it. */
  platform: string | null
  /** Globs of the repositories that the declarer speaks for; null counts everywhere. */
  repositories: readonly string[] | null
  at: string
}

/** A finding as it stands in lists, with the time when its repository first saw it. */
export interface ListedFinding extends Finding {
  index: number
  firstSeenAt: string
}
