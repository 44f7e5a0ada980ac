import { notMeasured, tooLittle, tooMuch } from './measures.ts'
import { missingEvidence } from './shared.ts'
import { counted, instantText, naming, numberArg, type RuleMessage } from './words.ts'

const REPEAT = 'run the load test again and post its summary'

const thresholdCrossed: RuleMessage = (result, findings) => ({
  message: `${counted(numberArg(result, 'count'), 'threshold')} of the load test ${numberArg(result, 'count') === 1 ? 'was' : 'were'} crossed${naming(findings)}.`,
  fix: `Bring the measured values within their thresholds, ${REPEAT}.`,
})

/** The sentences of pack `performance`. */
export const PERFORMANCE_MESSAGES: Readonly<Record<string, RuleMessage>> = {
  threshold_crossed: thresholdCrossed,
  no_thresholds: () => ({
    message: 'The load test had no thresholds of its own, so it could not fail.',
    fix: `Give its script thresholds, ${REPEAT}; or let a policy administrator set limits and the parameter "thresholds" to false.`,
  }),
  above_maximum: tooMuch(`Bring the measured value within its limit, ${REPEAT}.`),
  below_minimum: tooLittle(`Bring the measured value within its limit, ${REPEAT}.`),
  not_measured: notMeasured(`Let the script measure them, ${REPEAT}.`),
  too_old: (result) => ({
    message: `The load test is from ${instantText(numberArg(result, 'time'))}, older than the ${counted(numberArg(result, 'limit'), 'hour')} allowed.`,
    fix: `Against what is deployed now, ${REPEAT}.`,
  }),
  missing_evidence: missingEvidence('load test', 'Run one (k6 --summary-export) and post its summary to /v1/evidence for this subject.'),
}
