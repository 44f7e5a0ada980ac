import type { EvidenceClass } from '../core/evidence-class.ts'
import { SEVERITIES } from '../core/severity.ts'
import type { EvidenceSummary } from './evidence.ts'

/**
 * Orders two summaries by how bad they are for a class, the worse one first: at equal times the worse report counts.
 * @returns negative if `a` is worse
 */
export function compareBadness(a: EvidenceSummary, b: EvidenceSummary, examined: EvidenceClass): number {
  const [left, right] = [badness(a, examined), badness(b, examined)]
  for (let at = 0; at < left.length; at++) {
    const difference = (right[at] ?? 0) - (left[at] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** Numbers that grow with badness, the weightiest first. */
function badness(summary: EvidenceSummary, examined: EvidenceClass): number[] {
  if (examined === 'tests') return [(summary.failed ?? 0) + (summary.errored ?? 0), -(summary.passed ?? 0), summary.skipped ?? 0]
  if (examined === 'coverage') return [-(summary.lines ?? 0), -(summary.branches ?? 0), -(summary.functions ?? 0)]
  const counts = summary.classes?.[examined] ?? summary.counts
  return SEVERITIES.map((severity) => counts?.[severity] ?? 0)
}
