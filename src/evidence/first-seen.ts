import type { Finding } from './model.ts'

/**
 * What makes two findings the same one over time: vulnerability or rule, and package (its version aside) or place.
 * The time when a repository first saw a key counts for grace periods.
 */
export function firstSeenKey(finding: Pick<Finding, 'id' | 'purl' | 'package' | 'location'>): string {
  const affected = finding.purl?.replace(/[@?#].*$/s, '') ?? finding.package ?? finding.location ?? ''
  return `${finding.id} ${affected}`
}
