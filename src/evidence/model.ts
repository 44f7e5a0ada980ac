import type { Authorship } from '../core/contributor.ts'
import type { Digest } from '../core/digest.ts'
import type { Completeness, EvidenceClass } from '../core/evidence-class.ts'
import type { Severity } from '../core/severity.ts'

/** One normalised finding of a scanner. */
export interface Finding {
  class: EvidenceClass
  /** The tool's primary id: CVE, GHSA, rule id. */
  id: string
  aliases: string[]
  severity: Severity
  /** The tool's own value for the severity, as it wrote it. */
  toolSeverity: string | null
  /** CVSS base score, if the tool gives one. */
  score: number | null
  title: string | null
  /** Package URL of the affected package, if the tool gives or implies one. */
  purl: string | null
  /** Name and version of the affected package. */
  package: string | null
  version: string | null
  /** The version that fixes it; null when none is known. */
  fixedVersion: string | null
  /** Vendor's state of the fix as the tool wrote it (`will_not_fix`, `wont-fix`, …). */
  fixState: string | null
  /** Where it was found: file, line, layer, URL. */
  location: string | null
  /** True if the tool itself was told to ignore it (its own ignore file, VEX, in-source comment). */
  suppressed: boolean
  suppressionReason: string | null
}

/** Covered and coverable units. */
export interface CoverageRatio {
  covered: number
  total: number
}

/** Null where the report does not measure it. */
export interface CoverageTotals {
  lines: CoverageRatio | null
  branches: CoverageRatio | null
  functions: CoverageRatio | null
}

export interface TestCase {
  name: string
  suite: string | null
  message: string | null
}

/** A case that did not pass. */
export interface FailingCase extends TestCase {
  outcome: 'failed' | 'errored'
}

export interface TestTotals {
  total: number
  passed: number
  failed: number
  errored: number
  skipped: number
  /** Names of the passed cases as `suite › case` (case alone without a suite), for packs that require names. */
  passedNames: string[]
  failing: FailingCase[]
  /** Cases that failed and then passed in the same report. */
  flaky: TestCase[]
}

/** One platform manifest of an OCI image index. */
export interface IndexManifest {
  digest: Digest
  platform: string | null
}

/** What the author of a VEX document says about vulnerabilities in products. */
export interface VexStatement {
  /** The document's own id, by which a newer version of it replaces an older one; null if it has none. */
  document: string | null
  /** The vulnerability's id and its aliases. */
  vulnerability: string[]
  status: VexStatus
  /** The machine-readable label of why it does not affect. */
  justification: string | null
  /** The author's own words: impact or action statement. */
  statement: string | null
  /** When it was made, as written. */
  at: string | null
  products: VexProduct[]
}

/** Worst first: of what an author says at the same time, the worse counts. */
export const VEX_STATUSES = ['affected', 'under_investigation', 'fixed', 'not_affected'] as const

export type VexStatus = (typeof VEX_STATUSES)[number]

/** What a statement is about. */
export interface VexProduct {
  /** Identifiers as written: package URLs, source revisions. */
  ids: string[]
  /** SHA-256 digests by which the product is named. */
  digests: Digest[]
  /** Identifiers of the packages inside the product that it is about; empty if it is about all of it. */
  components: string[]
}

/** What a parser reads from a report: nothing in it depends on who sent it, when, or about what. */
export interface ParsedReport {
  tool: { name: string; version: string | null }
  /** The classes that the report examined, or, if it is empty or failed, that its format speaks for; empty only for `json`, which claims nothing. */
  scanned: EvidenceClass[]
  completeness: Completeness
  /** Why it is not complete, in one sentence. */
  completenessReason: string | null
  /** The report's own time, as written, if it carries an offset. */
  reportedAt: string | null
  /** Time of the scanner's database, if stated with an offset. */
  databaseAt: string | null
  /** Manifest or index digests of the subject that the report names. */
  statedDigests: Digest[]
  /** Digests that can confirm the subject, but whose difference says nothing (an image's config digest). */
  confirmingDigests: Digest[]
  /** The platform of the image that was examined, as `os/architecture[/variant]`, if the report says so. */
  platform: string | null
  /** What of the subject was examined, in the tool's words (directories, suites); empty if the report speaks for all of it. */
  examined: string[]
  findings: Finding[]
  coverage: CoverageTotals | null
  tests: TestTotals | null
  /** Named figures, such as the metrics of a load test; null where the format has none. */
  measures: Readonly<Record<string, number>> | null
  /** The document itself for `json`; for formats of the other `DOCUMENT_CLASSES`, what it says in the form of its class. */
  document: Readonly<Record<string, unknown>> | null
  /** Set by `oci-index` only: the platform manifests that the index's own bytes prove. */
  manifests: IndexManifest[] | null
  /** Set by the formats of VEX documents only. */
  vex: VexStatement[] | null
  /** Set by the formats of class `change` only: who took part in it. */
  authorship: Authorship | null
  /** The report with found secrets blanked, if it held any; stored in place of the original bytes. */
  redacted: Uint8Array | null
}
