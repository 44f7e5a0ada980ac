import { counted, instantText, listArg, listed, numberArg, textArg, type RuleMessage } from './words.ts'

const notSoaked: RuleMessage = (result) => {
  const [environment, hours] = [textArg(result, 'environment') ?? 'the environment before', counted(numberArg(result, 'hours'), 'hour')]
  const since = numberArg(result, 'since')
  return since === 0
    ? {
        message: `It did not run in ${environment} for ${hours} by an allow.`,
        fix: `Deploy it to ${environment} first, report that to /v1/deployments, and ask again after ${hours}.`,
      }
    : { message: `It runs in ${environment} since ${instantText(since)}, not yet for ${hours}.`, fix: 'Ask again once it ran long enough.' }
}

const inFlight: RuleMessage = (result) => ({
  message: `${counted(numberArg(result, 'count'), 'other deployment')} of the repository ${numberArg(result, 'count') === 1 ? 'is' : 'are'} on the way into the environment, the newest since ${instantText(numberArg(result, 'since'))}.`,
  fix: 'Wait for it to end, or report how it ended: POST /v1/deployments/{id}/finish.',
})

const stepBack: RuleMessage = (result) => {
  const targets = listArg(result, 'targets')
  return {
    message: `What runs in ${textArg(result, 'environment') ?? 'the environment'}${targets.length === 0 ? '' : ` (target ${listed(targets)})`} is newer than this.`,
    fix: 'Deploy a newer one; to go back on purpose, ask at stage rollback.',
  }
}

/** The sentences of pack `promotion`. */
export const PROMOTION_MESSAGES: Readonly<Record<string, RuleMessage>> = { not_soaked: notSoaked, in_flight: inFlight, step_back: stepBack }
