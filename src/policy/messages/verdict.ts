import type { PackResult } from '../result.ts'
import { instantText, listArg, listed, numberArg, textArg, type RuleMessage } from './words.ts'

function decisionOf(result: PackResult): string {
  return `${textArg(result, 'decision') ?? 'unknown'} (stage ${textArg(result, 'stage') ?? 'unknown'}, environment ${textArg(result, 'environment') ?? 'unknown'})`
}

const noAllow: RuleMessage = (result) => {
  const stages = listed(listArg(result, 'stages'))
  const environment = textArg(result, 'environment') ?? 'unknown'
  return {
    message: `No enforced decision for environment ${environment} at stage ${stages} is on record for this subject.`,
    fix: `Let the pipeline ask for one: POST /v1/decisions with this subject, stage ${stages} and environment ${environment}.`,
  }
}

const denied: RuleMessage = (result) => ({
  message: `The newest decision that counts, ${decisionOf(result)}, is a denial.`,
  fix: `GET /v1/decisions/${textArg(result, 'decision') ?? '{id}'} names what to repair; then ask for a new decision.`,
})

const expired: RuleMessage = (result) => ({
  message: `The newest allow, ${decisionOf(result)}, expired at ${instantText(numberArg(result, 'expires'))}.`,
  fix: 'Ask for a new decision: POST /v1/decisions with the same subject, stage and environment.',
})

/** The sentences of pack `verdict`. */
export const VERDICT_MESSAGES: Readonly<Record<string, RuleMessage>> = { no_allow: noAllow, denied, expired }
