import type { PackResult } from '../result.ts'
import { textArg, type RuleMessage } from './words.ts'

function bound(result: PackResult): string {
  const [pack, binding] = [textArg(result, 'pack') ?? 'unknown', textArg(result, 'binding') ?? 'unknown']
  return pack === binding ? `pack ${pack}` : `pack ${pack} of binding ${binding}`
}

const noBinding: RuleMessage = () => ({
  message: 'No policy is bound to this stage and environment, and what nobody judges does not pass.',
  fix: 'Check the spelling of stage and environment, or let an administrator bind a pack there: PUT /v1/bindings/{name}.',
})

const policyError: RuleMessage = (result) => {
  const reason = textArg(result, 'reason')?.replace(/\.$/, '')
  return {
    message: `The ${bound(result)} could not be evaluated${reason === undefined ? '' : `: ${reason}`}.`,
    fix: 'This is no fault of the artifact: let a policy administrator repair or replace the binding, then ask again.',
  }
}

const policyTimeout: RuleMessage = (result) => ({
  message: `The ${bound(result)} did not answer within its deadline.`,
  fix: 'Ask again; if it happens again, let a policy administrator make the policy cheaper or the reports smaller.',
})

const breakGlassRefused: RuleMessage = (result) => {
  const bindings = textArg(result, 'reason')
  return {
    message: `The glass can’t be broken here: ${bindings === undefined ? 'what denies is no binding that could permit it' : `what denies permits no exception (${bindings})`}.`,
    fix: 'Repair what denies, or let a policy administrator permit it with "breakGlass" in PUT /v1/bindings/{name}.',
  }
}

const blocked: RuleMessage = (result) => {
  const [subject, block] = [textArg(result, 'subject'), textArg(result, 'block') ?? 'ID']
  const since = `is blocked since ${textArg(result, 'since') ?? 'an unknown time'}: ${textArg(result, 'reason') ?? 'No reason is known.'}`
  return {
    message: subject === undefined ? `This ${since}` : `It is linked to ${subject}, which ${since}`,
    fix: `Use another digest; a block holds at every stage and can't be waived. A policy administrator can lift it: DELETE /v1/blocks/${block}.`,
  }
}

/** The sentences of what the gate itself refuses. */
export const GATE_MESSAGES: Readonly<Record<string, RuleMessage>> = {
  no_binding: noBinding,
  blocked,
  policy_error: policyError,
  policy_timeout: policyTimeout,
  break_glass_refused: breakGlassRefused,
}
