import { missingEvidence } from './shared.ts'
import { counted, instantText, listArg, listed, numberArg, textArg, type RuleMessage } from './words.ts'

const AGAIN = 'Try going back again, and post the drill.'

/** The sentences of pack `rollback-tested`. */
export const ROLLBACK_TESTED_MESSAGES: Readonly<Record<string, RuleMessage>> = {
  drill_failed: (result) => ({
    message: `The newest drill, in ${textArg(result, 'environment') ?? 'an unknown environment'} at ${instantText(numberArg(result, 'finished'))}, failed: it did not go back.`,
    fix: 'Repair the way back, try it again, and post the drill.',
  }),
  drill_too_old: (result) => ({
    message: `The way back was last tried at ${instantText(numberArg(result, 'finished'))}, more than ${counted(numberArg(result, 'days'), 'day')} ago.`,
    fix: AGAIN,
  }),
  drill_too_slow: (result) => ({
    message: `Going back took ${Math.ceil(numberArg(result, 'took') / 6) / 10} minutes; at most ${numberArg(result, 'minutes')} are allowed.`,
    fix: 'Make going back quicker, try it again, and post the drill.',
  }),
  drilled_elsewhere: (result) => ({
    message: `The drill was in ${textArg(result, 'environment') ?? 'an unknown environment'}; it counts in ${listed(listArg(result, 'environments'))}.`,
    fix: AGAIN,
  }),
  missing_evidence: missingEvidence(
    'drill of the way back',
    'Try a rollback, and post the format rollback-drill to /v1/evidence for this subject or its source.',
  ),
}
