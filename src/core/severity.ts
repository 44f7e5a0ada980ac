/** The one ladder that every tool's severities are read onto, worst first. `unknown` is never read as low. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'negligible', 'unknown'] as const

export type Severity = (typeof SEVERITIES)[number]

const SYNONYMS: Readonly<Record<string, Severity>> = {
  critical: 'critical',
  blocker: 'critical',
  high: 'high',
  important: 'high',
  error: 'high',
  major: 'high',
  medium: 'medium',
  moderate: 'medium',
  warning: 'medium',
  minor: 'low',
  low: 'low',
  negligible: 'negligible',
  info: 'negligible',
  informational: 'negligible',
  information: 'negligible',
  note: 'negligible',
  none: 'negligible',
}

/** Reads a tool's own word for a severity, in any letter case. Words that nobody knows are `unknown`. */
export function parseSeverity(word: unknown): Severity {
  return typeof word === 'string' ? (SYNONYMS[word.trim().toLowerCase()] ?? 'unknown') : 'unknown'
}

/** The qualitative severity of a CVSS base score, 0.0 to 10.0 (CVSS v3.1 specification, section 5). */
export function severityOfScore(score: number): Severity {
  if (!(score >= 0 && score <= 10)) return 'unknown'
  if (score >= 9) return 'critical'
  if (score >= 7) return 'high'
  if (score >= 4) return 'medium'
  return score > 0 ? 'low' : 'negligible'
}

const RANK: Readonly<Record<Severity, number>> = { critical: 5, high: 4, unknown: 3, medium: 2, low: 1, negligible: 0 }

/** Orders severities worst first; `unknown` ranks just below `high`, since nobody may take it for harmless. */
export function compareSeverity(a: Severity, b: Severity): number {
  return RANK[b] - RANK[a]
}
