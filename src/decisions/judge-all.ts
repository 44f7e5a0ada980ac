import type { Telemetry } from '../core/telemetry.ts'
import { WaiverIndex } from '../governance/waivers/waiver-index.ts'
import type { EvaluationOutcome, PolicyEvaluator } from '../policy/evaluator.ts'
import type { DecisionGround } from './decision.ts'
import { composeInputs, type PreparedBinding } from './prepare.ts'
import type { Prepared } from './preparation.ts'
import type { Question } from './question.ts'
import { judge, type Judgement } from './violations.ts'
import { applyWaivers, type JudgedOnce, type WaivedJudgement, type WaivingParts } from './waivers/apply-waivers.ts'

/** What runs packs, and who is told how long it took. */
export interface JudgingParts {
  evaluator: PolicyEvaluator
  telemetry: Pick<Telemetry, 'evaluated'>
}

/** What one binding's pack says after waivers, and what that rests on. */
export interface JudgedBinding extends WaivedJudgement {
  prepared: PreparedBinding
  /** Whether the pack fails without the baseline; an allow then ends with it. */
  needsBaseline: boolean
  /** What an allow rests on. */
  restsOn: readonly DecisionGround[]
}

/** Runs the packs of all bindings together, and once more on what waivers leave; those from which a baseline takes something also without it. */
export async function judgeAll(
  question: Question,
  { prepared, waivers: inForce }: Pick<Prepared, 'prepared' | 'waivers'>,
  parts: JudgingParts,
): Promise<JudgedBinding[]> {
  const judgeAgain = (items: readonly PreparedBinding[]): Promise<Judgement[]> => judgeThem(question, items, parts)
  const doubted = prepared.flatMap((item, at) => (item.bare ? [at] : []))
  const all = [...prepared, ...prepared.flatMap(withoutBaseline)]
  const first = await judgeAgain(all)
  const once = all.map((item, at) => ({ prepared: item, judgement: first[at] ?? judge(item, MISSING_OUTCOME) }))
  const waived = await applyWaivers(once.slice(0, prepared.length), { question, inForce, judgeAgain })
  const failing = doubted.map((at, order) => failsWithout(once[prepared.length + order], waived[at], { question, judgeAgain }))
  const fail = failing.length === 0 ? [] : await Promise.all(failing)
  const needs = new Set(doubted.filter((_, order) => fail[order]))
  return prepared.map((item, at) => judgedBinding(item, waived[at] ?? { ...judge(item, MISSING_OUTCOME), waivers: [] }, needs.has(at)))
}

function judgedBinding(prepared: PreparedBinding, judgement: WaivedJudgement, needsBaseline: boolean): JudgedBinding {
  const { items, endsAt, waivers } = judgement
  const used = needsBaseline ? prepared.baseline : null
  return {
    ...{ prepared, items, waivers, needsBaseline },
    endsAt: [
      ...[...prepared.endsAt, ...endsAt],
      ...(used ? [used.rule.expiresAt] : []),
      ...waivers.map(({ waiver }) => Date.parse(waiver.expiresAt)),
    ],
    restsOn: [
      ...prepared.restsOn,
      ...(used ? [{ kind: 'baseline' as const, id: used.id }] : []),
      ...waivers.map(({ waiver }) => ({ kind: 'waiver' as const, id: waiver.id })),
    ],
  }
}

/** Whether the pack fails without the baseline, given the waivers on which an allow rests anyway, and no further ones. */
async function failsWithout(
  bare: JudgedOnce | undefined,
  waived: WaivedJudgement | undefined,
  parts: Pick<WaivingParts, 'question' | 'judgeAgain'>,
): Promise<boolean> {
  if (!bare || !waived) return true
  const index = new WaiverIndex(waived.waivers.map(({ waiver }) => waiver))
  const [judgement] = await applyWaivers([bare], { ...parts, inForce: async () => index })
  return judgement === undefined || fails(judgement)
}

async function judgeThem(question: Question, prepared: readonly PreparedBinding[], parts: JudgingParts): Promise<Judgement[]> {
  const outcomes = await evaluate(question, prepared, parts)
  return prepared.map((item, at) => judge(item, outcomes[at] ?? MISSING_OUTCOME))
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

function withoutBaseline(item: PreparedBinding): PreparedBinding[] {
  return item.bare ? [{ ...item, evidence: item.bare, baseline: null, bare: null }] : []
}

/** A pack that can't be evaluated without the baseline counts as one that fails. */
function fails({ items }: Judgement): boolean {
  return items.some(({ effect }) => effect === 'violation')
}
