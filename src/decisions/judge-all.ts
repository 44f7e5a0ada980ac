import type { Telemetry } from '../core/telemetry.ts'
import type { EvaluationOutcome, PolicyEvaluator } from '../policy/evaluator.ts'
import type { DecisionGround } from './decision.ts'
import { composeInputs, type PreparedBinding } from './prepare.ts'
import type { Question } from './question.ts'
import { judge, type Judgement } from './violations.ts'

/** What runs packs, and who is told how long it took. */
export interface JudgingParts {
  evaluator: PolicyEvaluator
  telemetry: Pick<Telemetry, 'evaluated'>
}

/** What one binding's pack says, and what that rests on. */
export interface JudgedBinding extends Judgement {
  prepared: PreparedBinding
  /** Whether the pack fails without the baseline; an allow then ends with it. */
  needsBaseline: boolean
  /** What an allow rests on. */
  restsOn: readonly DecisionGround[]
}

/** Runs the packs of all bindings together; those from which a baseline takes something once more without it. */
export async function judgeAll(question: Question, prepared: readonly PreparedBinding[], parts: JudgingParts): Promise<JudgedBinding[]> {
  const bare = prepared.map(withoutBaseline)
  const outcomes = await evaluate(question, [...prepared, ...bare.flatMap((item) => item ?? [])], parts)
  const outcomesOfBare = outcomes.slice(prepared.length).values()
  return prepared.map((item, at) => {
    const { items, endsAt } = judge(item, outcomes[at] ?? MISSING_OUTCOME)
    const full = bare[at]
    const needsBaseline = full !== undefined && fails(judge(full, outcomesOfBare.next().value ?? MISSING_OUTCOME))
    const used = needsBaseline ? item.baseline : null
    return {
      ...{ prepared: item, items, needsBaseline },
      endsAt: [...item.endsAt, ...endsAt, ...(used ? [used.rule.expiresAt] : [])],
      restsOn: used ? [...item.restsOn, { kind: 'baseline' as const, id: used.id }] : item.restsOn,
    }
  })
}

async function evaluate(
  question: Question,
  prepared: readonly PreparedBinding[],
  { evaluator, telemetry }: JudgingParts,
): Promise<EvaluationOutcome[]> {
  if (prepared.length === 0) return []
  const started = performance.now()
  const inputs = composeInputs(question, prepared)
  const outcomes = await evaluator.evaluate(prepared.map(({ plan }, at) => ({ pack: plan.manifest.digest, input: inputs[at] ?? '' })))
  telemetry.evaluated((performance.now() - started) / 1000)
  return outcomes
}

const MISSING_OUTCOME: EvaluationOutcome = { ok: false, code: 'policy_error', reason: 'the engine gave no answer' }

function withoutBaseline(item: PreparedBinding): PreparedBinding | undefined {
  return item.bare ? { ...item, evidence: item.bare, baseline: null, bare: null } : undefined
}

/** A pack that can't be evaluated without the baseline counts as one that fails. */
function fails({ items }: Judgement): boolean {
  return items.some(({ effect }) => effect === 'violation')
}
