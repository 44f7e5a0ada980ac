import { applyModes, type Ruling } from '../governance/apply.ts'
import type { Block } from '../governance/blocks/block.ts'
import { breakGlass, breakGlassId, type BreakGlass, type RuledOutcome } from './break-glass/break-glass.ts'
import type { DecisionGround, Violation } from './decision.ts'
import { judgeAll, type JudgedBinding, type JudgingParts } from './judge-all.ts'
import type { Prepared } from './preparation.ts'
import type { Question } from './question.ts'
import { blockedViolation, gateViolation } from './violations.ts'

/** What all bindings together say, and what each of them said. */
export interface Ruled {
  ruling: Ruling<Violation>
  judged: JudgedBinding[]
  /** What an allow rests on; empty for a denial. */
  restsOn: DecisionGround[]
  /** True for a denial that only lacks approvals. */
  pending: boolean
  /** Set for an allow against what bindings say. */
  breakGlass: BreakGlass | null
}

/** Judges a question by what was gathered for it: the one place where a verdict comes from, for the API, admission and replay alike. */
export async function ruleOn(question: Question, gathered: Prepared, parts: JudgingParts): Promise<Ruled> {
  const judged = await judgeAll(question, gathered, parts)
  const outcomes = [...outcomesOf(judged, gathered), ...gathered.blocks.map((block) => blocked(block, question.subject.id))]
  const ruling = applyModes(outcomes, question.at)
  const pending = onlyLacksApprovals(outcomes)
  if (ruling.verdict === 'allow') return { ruling, judged, restsOn: groundsOf(judged, []), pending, breakGlass: null }
  if (question.breakGlass === null) return { ruling, judged, restsOn: [], pending, breakGlass: null }
  const { outcomes: after, mark } = breakGlass(question.breakGlass, outcomes, question.at)
  const ruledAfter = applyModes(after, question.at)
  if (mark === null) return { ruling: ruledAfter, judged, restsOn: [], pending, breakGlass: null }
  const restsOn = [...groundsOf(judged, mark.bindings), { kind: 'break-glass' as const, id: breakGlassId(question) }]
  return { ruling: ruledAfter, judged, restsOn, pending: false, breakGlass: mark }
}

function outcomesOf(judged: readonly JudgedBinding[], { broken }: Prepared): RuledOutcome[] {
  const outcomes: RuledOutcome[] = judged.map(({ prepared: { plan }, items, endsAt }) => {
    return { binding: plan.binding, mode: plan.binding.mode, validForMs: plan.validForMs, endsAt, items }
  })
  for (const { binding, broken: reason } of broken) {
    outcomes.push({ binding, mode: binding.mode, validForMs: 0, endsAt: [], items: [gateViolation('policy_error', binding, reason)] })
  }
  if (outcomes.length > 0) return outcomes
  return [{ binding: null, mode: 'enforce', validForMs: 0, endsAt: [], items: [gateViolation('no_binding', null, null)] }]
}

/** Of no binding, so that nothing permits an exception from it. */
function blocked(block: Block, judged: string): RuledOutcome {
  return { binding: null, mode: 'enforce', validForMs: 0, endsAt: [], items: [blockedViolation(block, judged)] }
}

/** What enforcing bindings were satisfied by, but for those that weren't; each ground once. @param overridden names of these */
function groundsOf(judged: readonly JudgedBinding[], overridden: readonly string[]): DecisionGround[] {
  const grounds = judged.flatMap(({ prepared: { plan }, restsOn }) => {
    return plan.binding.mode === 'enforce' && !overridden.includes(plan.binding.name) ? restsOn : []
  })
  return [...new Map(grounds.map((ground) => [`${ground.kind} ${ground.id}`, ground])).values()]
}

/** Approvals would turn a denial into an allow only if nothing else is against it. */
function onlyLacksApprovals(outcomes: readonly RuledOutcome[]): boolean {
  const denying = outcomes.flatMap(({ mode, items }) => (mode === 'enforce' ? items.filter(({ effect }) => effect === 'violation') : []))
  return denying.length > 0 && denying.every(({ awaits }) => awaits === 'approval')
}
