/**
 * Evidence: what scanners and test runners report about a subject.
 * `readReport` and its parsers are not here: they run on a thread of their own, behind `ReportReader`.
 */
export { compareBadness } from './badness.ts'
export { firstSeenKey } from './first-seen.ts'
export { EvidenceIntake } from './intake.ts'
export { EvidenceLibrary } from './library.ts'
export { ReportReader } from './report-reader.ts'
export { declareSource } from './source-link.ts'
export { subjectMatch } from './subject-match.ts'
export { percentages } from './summary.ts'
export { FORMAT_SCHEMAS } from './format-schemas.ts'
export { VEX_STATUSES } from './model.ts'
export { ownerKey, ownersIn, toolKey } from './lane.ts'
export { displayName } from './parsers/test-case.ts'

export type { Evidence, EvidenceDocument, Link, SubjectMatch } from './evidence.ts'
export type { CoverageTotals, Finding, IndexManifest, TestTotals, VexProduct, VexStatement } from './model.ts'
