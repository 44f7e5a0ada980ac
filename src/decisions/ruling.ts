import { applyModes, type Mode, type Ruling } from '../governance/apply.ts'
import type { DecisionGround, Violation } from './decision.ts'
import { judgeAll, type JudgedBinding, type JudgingParts } from './judge-all.ts'
import type { Prepared } from './preparation.ts'
import type { Question } from './question.ts'
import { gateViolation, type JudgedViolation } from './violations.ts'

/** What all bindings together say, and what each of them said. */
export interface Ruled {
  ruling: Ruling<Violation>
  judged: JudgedBinding[]
  /** What an allow rests on; empty for a denial. */
  restsOn: DecisionGround[]
  /** True for a denial that only lacks approvals. */
  pending: boolean
}

/** Judges a question by what was gathered for it: the one place where a verdict comes from, for the API, admission and replay alike. */
export async function ruleOn(question: Question, { prepared, broken, waivers }: Prepared, parts: JudgingParts): Promise<Ruled> {
  const judged = await judgeAll(question, { prepared, waivers }, parts)
  const outcomes = judged.map(({ prepared: { plan }, items, endsAt }) => {
    return { mode: plan.binding.mode, validForMs: plan.validForMs, endsAt, items }
  })
  for (const { binding, broken: reason } of broken) {
    outcomes.push({ mode: binding.mode, validForMs: 0, endsAt: [], items: [gateViolation('policy_error', binding, reason)] })
  }
  if (outcomes.length === 0) outcomes.push({ mode: 'enforce', validForMs: 0, endsAt: [], items: [gateViolation('no_binding', null, null)] })
  const ruling = applyModes(outcomes, question.at)
  return { ruling, judged, restsOn: ruling.verdict === 'allow' ? groundsOf(judged) : [], pending: onlyLacksApprovals(outcomes) }
}

/** What enforcing bindings were satisfied by; each ground once. */
function groundsOf(judged: readonly JudgedBinding[]): DecisionGround[] {
  const grounds = judged.flatMap(({ prepared: { plan }, restsOn }) => (plan.binding.mode === 'enforce' ? restsOn : []))
  return [...new Map(grounds.map((ground) => [`${ground.kind} ${ground.id}`, ground])).values()]
}

/** Approvals would turn a denial into an allow only if nothing else is against it. */
function onlyLacksApprovals(outcomes: readonly { mode: Mode; items: readonly JudgedViolation[] }[]): boolean {
  const denying = outcomes.flatMap(({ mode, items }) => (mode === 'enforce' ? items.filter(({ effect }) => effect === 'violation') : []))
  return denying.length > 0 && denying.every(({ awaits }) => awaits === 'approval')
}
