import type { PackResult } from '../result.ts'
import { allowance, counted, instantText, listed, numberArg, textArg, type RuleMessage } from './words.ts'

function metricIn(result: PackResult): string {
  return textArg(result, 'metric') ?? 'a metric'
}

/** What is as large as numbers can be stands for what has no end. */
function figure(value: number): string {
  if (Math.abs(value) === Number.MAX_VALUE) return value > 0 ? 'infinity' : '-infinity'
  return String(Number(value.toPrecision(6)))
}

/** Samples that are too many. */
function tooMany(what: string, fix: string): RuleMessage {
  return (result) => {
    const [least, most] = [figure(numberArg(result, 'least')), figure(numberArg(result, 'most'))]
    const values = least === most ? least : `${least} to ${most}`
    const [count, samples] = [numberArg(result, 'count'), numberArg(result, 'samples')]
    return {
      message: `${count} of ${counted(samples, 'sample')} of ${metricIn(result)} ${what} (${values}), ${allowance(numberArg(result, 'limit'))}.`,
      fix,
    }
  }
}

const LATER = 'ask the monitoring again and post its reply under the same name'

/** The sentences of pack `metrics`. */
export const METRIC_MESSAGES: Readonly<Record<string, RuleMessage>> = {
  no_checks: () => ({
    message: 'The binding names no metric that would be judged.',
    fix: 'Let a policy administrator name some in its parameter "checks".',
  }),
  metric_failed: tooMany('failed', `Find out what is wrong with what runs, and once it is well, ${LATER}.`),
  metric_inconclusive: tooMany('are neither passed nor failed', `Wait for more samples, then ${LATER}.`),
  no_data: (result) => ({
    message: `${metricIn(result)} has ${counted(numberArg(result, 'samples'), 'sample')}, at least ${numberArg(result, 'minimum')} must be there.`,
    fix: `Make sure that the query finds what is measured and that there is traffic, then ${LATER}.`,
  }),
  metric_too_old: (result) => ({
    message: `The newest sample of ${metricIn(result)} is from ${instantText(numberArg(result, 'time'))}, older than the ${counted(numberArg(result, 'limit'), 'minute')} allowed.`,
    fix: `For the time until now, ${LATER}.`,
  }),
  missing_evidence: ({ missing = [] }) => ({
    message: `No usable reply for ${missing.length === 1 ? 'the metric' : 'the metrics'} ${listed(missing)} counts for this subject.`,
    fix: `Post Prometheus's reply to /v1/evidence for this subject with the metric's name: name=${listed(missing.slice(0, 1))}.`,
  }),
}
