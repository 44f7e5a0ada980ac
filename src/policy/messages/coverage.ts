import { missingEvidence, requiredReports } from './shared.ts'
import { inReport, listArg, listed, numberArg, textArg, type RuleMessage } from './words.ts'

const belowMinimum: RuleMessage = (result) => {
  const measure = textArg(result, 'measure') ?? 'code'
  const minimum = percent(numberArg(result, 'minimum'))
  const floor = result.args?.['floor']
  const held = typeof floor === 'number' && floor < numberArg(result, 'minimum') ? percent(floor) : undefined
  const reports = numberArg(result, 'reports')
  const whose = reports > 0 ? ` of ${reports} reports together` : inReport(result)
  const beneath = held === undefined ? '' : `, and the baseline holds it at ${held}`
  return {
    message: `Coverage of ${measure}${whose} is ${percent(numberArg(result, 'measured'))}, at least ${minimum} is demanded${beneath}.`,
    fix: `Add tests until ${held ?? minimum} of ${measure} are covered, and post the new report.`,
  }
}

const dropped: RuleMessage = (result) => {
  const measure = textArg(result, 'measure') ?? 'code'
  const [before, measured, limit] = [numberArg(result, 'before'), numberArg(result, 'measured'), numberArg(result, 'limit')]
  return {
    message:
      `Coverage of ${measure}${inReport(result)} dropped from ${percent(before)} to ${percent(measured)}, ` +
      `by more than the ${limit} percentage points allowed.`,
    fix: `Cover what was added until at least ${percent(Math.max(0, hundredths(before - limit)))} of ${measure} are covered again.`,
  }
}

const notMeasured: RuleMessage = (result) => {
  const measures = listed(listArg(result, 'measures'))
  return {
    message: `The coverage report${inReport(result)} does not measure ${measures}, which the policy demands.`,
    fix: `Let the tool measure ${measures}, and post the new report.`,
  }
}

/** The sentences of pack `coverage`. */
export const COVERAGE_MESSAGES: Readonly<Record<string, RuleMessage>> = {
  below_minimum: belowMinimum,
  dropped,
  not_measured: notMeasured,
  missing_evidence: missingEvidence(
    'coverage report',
    'Let the test run write one (LCOV, Cobertura or Clover, for example) and post it to /v1/evidence for this subject or its source.',
  ),
  required_reports: requiredReports,
}

/** Cut, never rounded up, so that 79.999 doesn't read as the 80 that it failed to reach. */
function percent(value: number): string {
  return `${Math.floor(hundredths(value) * 100 + 1e-6) / 100} %`
}

/** Removes what binary fractions leave behind beyond the sixth decimal. */
function hundredths(value: number): number {
  return Number(value.toFixed(6))
}
