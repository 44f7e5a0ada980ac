import { missingEvidence, missingPlatform, requiredReports, requiredScanner } from './shared.ts'
import {
  allowance,
  counted,
  instantText,
  listArg,
  listed,
  naming,
  numberArg,
  textArg,
  type MessageFinding,
  type RuleMessage,
} from './words.ts'

const SCAN = 'Scan the artifact (with Trivy or Grype, for example) and post the report to /v1/evidence for this subject.'

const maxSeverity: RuleMessage = (result, findings) => {
  const [count, unknown] = [numberArg(result, 'count'), numberArg(result, 'unknown')]
  const severity = textArg(result, 'severity') ?? 'countable'
  const guessed = unknown > 0 && severity !== 'unknown' ? ` (${unknown} of unknown severity)` : ''
  return {
    message: `${kinds(count, severity)}${guessed}, ${allowance(numberArg(result, 'limit'))}${naming(findings)}.`,
    fix: updates(findings, count - numberArg(result, 'fixable')),
  }
}

const gracePeriod: RuleMessage = (result, findings) => ({
  message:
    `${kinds(numberArg(result, 'count'), textArg(result, 'severity') ?? '')} do not count yet, ` +
    `within ${counted(numberArg(result, 'days'), 'day')} of grace that first end at ${instantText(numberArg(result, 'ends'))}${naming(findings)}.`,
  fix: updates(findings, 0),
})

const scanTooOld: RuleMessage = (result) => ({
  message:
    `${counted(numberArg(result, 'count'), 'vulnerability report')} (${listed(listArg(result, 'tools'))}) older than the ` +
    `${counted(numberArg(result, 'limit'), 'day')} allowed; the oldest is from ${instantText(numberArg(result, 'time'))}.`,
  fix: 'Scan the artifact again with the same tools and post the new reports.',
})

const databaseTooOld: RuleMessage = (result) => {
  const [count, unstated] = [numberArg(result, 'count'), numberArg(result, 'unstated')]
  const silent = unstated === 0 ? '' : unstated === count ? ', which its report does not state' : `; ${unstated} of them do not state it`
  return {
    message:
      `${counted(count, 'report')} (${listed(listArg(result, 'tools'))}) not shown to rest on a vulnerability database of at most ` +
      `${counted(numberArg(result, 'limit'), 'day')}${silent}.`,
    fix: 'Update the database of the scanner, scan again in a format that states the time of the database, and post the report.',
  }
}

/** The sentences of pack `vulnerabilities`. */
export const VULNERABILITY_MESSAGES: Readonly<Record<string, RuleMessage>> = {
  max_severity: maxSeverity,
  grace_period: gracePeriod,
  missing_evidence: missingEvidence('vulnerability report', SCAN),
  missing_platform: missingPlatform('vulnerability report'),
  required_scanner: requiredScanner,
  required_reports: requiredReports,
  scan_too_old: scanTooOld,
  database_too_old: databaseTooOld,
}

function kinds(count: number, severity: string): string {
  return severity === 'unknown'
    ? `${counted(count, 'vulnerability', 'vulnerabilities')} of unknown severity`
    : counted(count, `${severity} vulnerability`, `${severity} vulnerabilities`)
}

/** Which packages to update to which versions; null if no fixed version is known. */
function updates(findings: readonly MessageFinding[], unfixed: number): string | null {
  const steps = findings
    .filter(({ fixedVersion }) => fixedVersion !== null)
    .map((found) => `${found.package ?? found.id} to ${found.fixedVersion ?? ''}`)
  const waiver = `${counted(unfixed, 'has', 'have')} no known fix: replace the package, or ask for a waiver`
  if (steps.length === 0) return unfixed > 0 ? 'No fix is known: replace the package, or ask for a waiver.' : null
  return unfixed > 0 ? `Update ${listed(steps)}; ${waiver}.` : `Update ${listed(steps)}.`
}
