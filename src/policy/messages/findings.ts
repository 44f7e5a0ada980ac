import { missingEvidence, missingPlatform, requiredReports, requiredScanner } from './shared.ts'
import { allowance, counted, listed, naming, numberArg, textArg, type RuleMessage } from './words.ts'

/** One and several of a class, and what to do about them. */
const CLASSES: Readonly<Record<string, { one: string; many: string; fix: string }>> = {
  secrets: {
    one: 'secret',
    many: 'secrets',
    fix: 'Revoke each secret where it was issued, since removing it from the code alone is not enough; then remove it and scan again.',
  },
  misconfigurations: {
    one: 'misconfiguration',
    many: 'misconfigurations',
    fix: 'Correct the configuration as the tool advises and scan again.',
  },
  sast: {
    one: 'finding of static analysis',
    many: 'findings of static analysis',
    fix: 'Correct the code as the tool advises and analyse it again.',
  },
  dast: {
    one: 'finding of dynamic analysis',
    many: 'findings of dynamic analysis',
    fix: 'Correct the application as the tool advises and test it again.',
  },
  quality: {
    one: 'unmet condition of a quality gate',
    many: 'unmet conditions of a quality gate',
    fix: 'Meet the conditions that the tool names and analyse the code again.',
  },
  performance: {
    one: 'missed performance goal',
    many: 'missed performance goals',
    fix: 'Bring the measured values within their thresholds and run the load test again.',
  },
  migrations: {
    one: 'risky database migration',
    many: 'risky database migrations',
    fix: 'Rewrite the migration as the tool advises and check it again.',
  },
  licences: {
    one: 'licence finding',
    many: 'licence findings',
    fix: 'Replace the dependency by one under an accepted licence, or ask for a waiver.',
  },
}

const OTHER = { one: 'finding', many: 'findings', fix: 'Correct what the tool found and scan again.' }

const maxSeverity: RuleMessage = (result, findings) => {
  const { one, many, fix } = CLASSES[textArg(result, 'class') ?? ''] ?? OTHER
  const [count, unknown] = [numberArg(result, 'count'), numberArg(result, 'unknown')]
  const severity = textArg(result, 'severity') ?? 'unknown'
  const guessed = unknown > 0 && severity !== 'unknown' ? ` (${unknown} of unknown severity)` : ''
  return {
    message: `${counted(count, one, many)} of ${severity} severity${guessed}, ${allowance(numberArg(result, 'limit'))}${naming(findings)}.`,
    fix,
  }
}

const requiredClass: RuleMessage = ({ missing = [] }) => ({
  message: `No usable report covers ${listed(missing)}.`,
  fix: `Run a tool that examines ${listed(missing)} and post its report to /v1/evidence for this subject.`,
})

/** The sentences of pack `findings`. */
export const FINDING_MESSAGES: Readonly<Record<string, RuleMessage>> = {
  max_severity: maxSeverity,
  missing_evidence: missingEvidence(
    'report of a secret scanner, code analyser or configuration checker',
    'Run one (Gitleaks, Trivy or a tool that writes SARIF, for example) and post the report to /v1/evidence for this subject.',
  ),
  missing_platform: missingPlatform('report of this kind'),
  required_class: requiredClass,
  required_scanner: requiredScanner,
  required_reports: requiredReports,
}
