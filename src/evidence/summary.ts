import type { EvidenceClass } from '../core/evidence-class.ts'
import { SEVERITIES, type Severity } from '../core/severity.ts'
import type { EvidenceSummary } from './evidence.ts'
import type { CoverageRatio, CoverageTotals, Finding, ParsedReport } from './model.ts'

/** The classes whose reports list findings; the others carry figures or manifests. */
const CLASSES_WITH_FINDINGS: ReadonlySet<EvidenceClass> = new Set([
  'vulnerabilities',
  'misconfigurations',
  'secrets',
  'licences',
  'sast',
  'dast',
  'quality',
  'performance',
  'migrations',
])

/** The figures of a report as the API shows them and lists filter on. */
export function summarise(report: ParsedReport): EvidenceSummary {
  return { scanned: [...report.scanned], ...findingCounts(report), ...coveragePercents(report), ...testTotals(report) }
}

function findingCounts({ scanned, findings }: ParsedReport): Partial<EvidenceSummary> {
  const classes = scanned.filter((name) => CLASSES_WITH_FINDINGS.has(name))
  if (classes.length === 0) return {}
  const counted = findings.filter((finding) => !finding.suppressed)
  return {
    counts: countBySeverity(counted),
    fixable: countBySeverity(counted.filter((finding) => finding.fixedVersion !== null)),
    suppressed: countBySeverity(findings.filter((finding) => finding.suppressed)),
    classes: Object.fromEntries(classes.map((name) => [name, countBySeverity(counted.filter((finding) => finding.class === name))])),
  }
}

/** All six severities, so that a missing figure never has to be read as zero. */
function countBySeverity(findings: readonly Finding[]): Record<Severity, number> {
  const counts = Object.fromEntries(SEVERITIES.map((severity) => [severity, 0])) as Record<Severity, number>
  for (const { severity } of findings) counts[severity]++
  return counts
}

function coveragePercents({ coverage }: ParsedReport): Partial<EvidenceSummary> {
  return coverage ? percentages(coverage) : {}
}

/** Percent, cut (never rounded up) to two decimals; null where nothing was measured. */
export function percentages({ lines, branches, functions }: CoverageTotals): Record<keyof CoverageTotals, number | null> {
  return { lines: percent(lines), branches: percent(branches), functions: percent(functions) }
}

/**
 * Percent with two decimals, rounded down: 79.999 must not read as 80.
 * Whole hundredths are taken before dividing, so that no binary fraction can round up. Null when nothing was coverable.
 */
export function percent(ratio: CoverageRatio | null): number | null {
  if (!ratio || !(ratio.total > 0)) return null
  const scaled = ratio.covered * 10_000
  return (scaled - (scaled % ratio.total)) / ratio.total / 100
}

function testTotals({ tests }: ParsedReport): Partial<EvidenceSummary> {
  if (!tests) return {}
  const { total, passed, failed, errored, skipped } = tests
  return { total, passed, failed, errored, skipped, flaky: tests.flaky.length }
}
