/**
 * Evidence: what scanners and test runners report about a subject.
 * `readReport` and its parsers are not here: they run on a thread of their own, behind `ReportReader`.
 */
export { compareBadness } from './badness.ts'
export { firstSeenKey } from './first-seen.ts'
export { EvidenceIntake } from './intake.ts'
export { EvidenceLibrary } from './library.ts'
export { observationRecord } from './records.ts'
export { ReportReader } from './report-reader.ts'
export { declareSource } from './source-link.ts'
export { subjectMatch } from './subject-match.ts'

export type { Evidence, EvidenceDocument, EvidenceSummary, Link, ListedFinding, Observation, SubjectMatch } from './evidence.ts'
export type { IntakeErrorCode, ShownEvidence, Submission } from './intake.ts'
export type { CoverageRatio, CoverageTotals, Finding, IndexManifest, TestCase, TestTotals } from './model.ts'
export type { ReportErrorCode } from './parser.ts'
export type { BlobStore, EvidenceFilter, EvidenceStore, NewEvidence } from './ports.ts'
export type { ReaderErrorCode, ReaderLimits } from './report-reader.ts'
export type { SourceErrorCode } from './source-link.ts'
