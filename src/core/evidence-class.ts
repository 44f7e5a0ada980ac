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
  'migrations',
  'sbom',
  'index',
  'vex',
  'change',
  'json',
] as const

export type EvidenceClass = (typeof EVIDENCE_CLASSES)[number]

/**
 * - `complete`: at least one target was examined and the tool reported no failure
 * - `empty`: well-formed, but nothing was examined
 * - `partial`: some targets failed
 * - `failed`: the tool says that it failed
 */
export type Completeness = 'complete' | 'empty' | 'partial' | 'failed'
