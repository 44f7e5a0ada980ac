import { missingEvidence, requiredReports } from './shared.ts'
import { allowance, counted, listed, numberArg, type RuleMessage } from './words.ts'

function tooMany(what: string, fix: string): RuleMessage {
  return (result) => ({
    message: `${counted(numberArg(result, 'count'), 'test')} ${what}, ${allowance(numberArg(result, 'limit'))}.`,
    fix,
  })
}

const minTotal: RuleMessage = (result) => {
  const [count, skipped] = [numberArg(result, 'count'), numberArg(result, 'skipped')]
  const aside = skipped === 0 ? '' : ` (${skipped} more skipped)`
  return {
    message: `${count === 0 ? 'No test' : counted(count, 'test')} ran${aside}, at least ${numberArg(result, 'minimum')} must.`,
    fix: 'Run the whole suite, and post the reports of all its parts, each under its own name.',
  }
}

const minPassRate: RuleMessage = (result) => {
  const [passed, ran, minimum] = [numberArg(result, 'passed'), numberArg(result, 'ran'), numberArg(result, 'minimum')]
  const share = ran === 0 ? 'no test ran' : `${passed} of ${ran} tests passed (${Math.floor((passed * 10_000) / ran) / 100} %)`
  return {
    message: `The pass rate is below ${minimum} %: ${share}.`,
    fix: 'Repair the tests that did not pass, and post the new report.',
  }
}

const requiredNames: RuleMessage = ({ missing = [] }) => ({
  message: `${missing.length === 1 ? 'The required test' : `${missing.length} required tests`} did not pass: ${listed(missing)}.`,
  fix: 'Make sure that each of them runs and passes, and post the new report.',
})

/** The sentences of pack `tests`. */
export const TEST_MESSAGES: Readonly<Record<string, RuleMessage>> = {
  max_failed: tooMany(
    'failed',
    'Repair the failing tests, run all of them again and post the new report under the same name: one of some suites replaces no report of more.',
  ),
  max_errored: tooMany(
    'ended in an error',
    'Repair what broke them, run all of them again and post the new report under the same name: one of some suites replaces no report of more.',
  ),
  max_skipped: tooMany('skipped', 'Enable the skipped tests or delete them, and post the new report.'),
  max_flaky: tooMany('failed before passing', 'Make the flaky tests pass at the first attempt, and post the new report.'),
  min_total: minTotal,
  min_pass_rate: minPassRate,
  required_names: requiredNames,
  missing_evidence: missingEvidence(
    'test report',
    'Run the tests with a JUnit report and post it to /v1/evidence for this subject or its source.',
  ),
  required_reports: requiredReports,
}
