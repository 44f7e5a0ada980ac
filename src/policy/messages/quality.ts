import { notMeasured, tooLittle, tooMuch } from './measures.ts'
import { missingEvidence } from './shared.ts'
import { counted, naming, numberArg, type RuleMessage } from './words.ts'

const IMPROVE = 'Improve the code until it is, and post the new analysis.'

const gateNotPassed: RuleMessage = (result, findings) => ({
  message: `The quality gate did not pass, ${counted(numberArg(result, 'count'), 'condition')} unmet${naming(findings)}.`,
  fix: 'Meet the conditions that it names, analyse the code again and post the result.',
})

/** The sentences of pack `quality`. */
export const QUALITY_MESSAGES: Readonly<Record<string, RuleMessage>> = {
  gate_not_passed: gateNotPassed,
  duplication: tooMuch(
    'Take out the repetition that the tool names, and post the new analysis.',
    'The duplicated share of the lines',
    ' %',
  ),
  complexity: tooMuch(
    'Split the most complex functions that the tool names, and post the new analysis.',
    'The complexity of the functions on average',
  ),
  above_maximum: tooMuch(IMPROVE),
  below_minimum: tooLittle(IMPROVE),
  not_measured: notMeasured('Ask the tool for these measures as well (metricKeys), and post its reply.'),
  missing_evidence: missingEvidence(
    'report of the code analysis',
    "Post SonarQube's measures or its webhook to /v1/evidence for this subject or its source.",
  ),
}
