/** What a report can speak for. */
export const EVIDENCE_CLASSES = [
  'vulnerabilities',
  'misconfigurations',
  'secrets',
  'licences',
  'sast',
  'dast',
  'coverage',
  'tests',
  'quality',
  'performance',
  'metrics',
  'migrations',
  'manifests',
  'sbom',
  'index',
  'vex',
  'change',
  'source-review',
  'change-record',
  'rollback-drill',
  'json',
] as const

export type EvidenceClass = (typeof EVIDENCE_CLASSES)[number]

/** What packs read whole, as `document`: `json` as it was sent, the others in the one form of their class, whichever tool wrote them. */
export const DOCUMENT_CLASSES: ReadonlySet<EvidenceClass> = new Set([
  'metrics',
  'migrations',
  'manifests',
  'source-review',
  'change-record',
  'rollback-drill',
  'json',
])

/**
 * - `complete`: at least one target was examined and the tool reported no failure
 * - `empty`: well-formed, but nothing was examined
 * - `partial`: some targets failed
 * - `failed`: the tool says that it failed
 */
export type Completeness = 'complete' | 'empty' | 'partial' | 'failed'
