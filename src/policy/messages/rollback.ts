import { counted, instantText, listArg, listed, numberArg, textArg, type RuleMessage } from './words.ts'

function where(targets: readonly string[]): string {
  return targets.length === 0 ? '' : ` (target ${listed(targets)})`
}

const PREVIOUS = 'GET /v1/environments/{name}/rollback-target names what can be gone back to.'

const neverDeployed: RuleMessage = (result) => {
  const repository = textArg(result, 'repository')
  const whose = repository === undefined ? 'of no named repository' : `of ${repository}`
  return {
    message: `No deployment ${whose} in ${textArg(result, 'environment') ?? 'this environment'} that an enforced allow had grounded is known to have succeeded with this subject.`,
    fix: `${PREVIOUS} What is new needs a decision at its own stage.`,
  }
}

const tooOld: RuleMessage = (result) => ({
  message: `Its last deployment here succeeded at ${instantText(numberArg(result, 'finished'))}, more than ${counted(numberArg(result, 'days'), 'day')} ago.`,
  fix: `${PREVIOUS} What is older needs a decision at its own stage.`,
})

const runsAlready: RuleMessage = (result) => ({
  message: `This is what runs here${where(listArg(result, 'targets'))}: there is nothing to go back from.`,
  fix: PREVIOUS,
})

const notOlder: RuleMessage = (result) => ({
  message: `What runs here${where(listArg(result, 'targets'))} is older than this: going to it is a step forward, not a rollback.`,
  fix: 'Ask for a decision at the stage that deploys to this environment.',
})

const wrongStage: RuleMessage = (result) => ({
  message: `The pack rollback is bound to stage ${textArg(result, 'stage') ?? 'unknown'}, but says only what may pass at stage rollback.`,
  fix: 'Let a policy administrator bind it with "stage": ["rollback"].',
})

/** The sentences of pack `rollback`. */
export const ROLLBACK_MESSAGES: Readonly<Record<string, RuleMessage>> = {
  never_deployed: neverDeployed,
  too_old: tooOld,
  runs_already: runsAlready,
  not_older: notOlder,
  wrong_stage: wrongStage,
}
