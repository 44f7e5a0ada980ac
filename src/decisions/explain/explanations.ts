import type { Access } from '../../core/principal.ts'
import type { PolicyEvaluator } from '../../policy/evaluator.ts'
import { inputCheck } from '../../policy/input-check.ts'
import type { Verdict } from '../decision.ts'
import type { JudgedBinding } from '../judge-all.ts'
import { composeInputs } from '../prepare.ts'
import { RecompositionError } from '../replay/obstacle.ts'
import type { Recomposed } from '../replay/recompose.ts'
import { UNMEASURED, type Replays } from '../replay/replay.ts'
import { ruleOn } from '../ruling.ts'
import { explainBinding } from './explain-binding.ts'
import type { Explanation } from './explanation.ts'

export interface ExplanationsParts {
  replays: Pick<Replays, 'recomposed'>
  evaluator: PolicyEvaluator
}

/** Tells of recorded decisions, rule by rule, what decided: by judging their stored inputs again with one place changed. */
export class Explanations {
  readonly #parts: ExplanationsParts
  readonly #canBe = inputCheck()
  #turn: Promise<unknown> = Promise.resolve()

  constructor(parts: ExplanationsParts) {
    this.#parts = parts
  }

  /** @returns undefined if there is no such decision, or the asker may not see it */
  explain(access: Access, id: string): Promise<Explanation | undefined> {
    return this.#parts.replays.recomposed(access, id, async (decision, recomposed) => {
      if (recomposed instanceof RecompositionError) return { decision, obstacle: recomposed.obstacle, bindings: [] }
      return { decision, obstacle: null, bindings: await this.#inTurn(() => this.#explainAll(recomposed)) }
    })
  }

  async #explainAll({ question, gathered }: Recomposed): Promise<Explanation['bindings']> {
    const judging = { evaluator: this.#parts.evaluator, telemetry: UNMEASURED }
    const { judged } = await ruleOn(question, gathered, judging)
    const inputs = composeInputs(question, gathered.prepared)
    const verdictWith = async (changed: JudgedBinding, parameters: Readonly<Record<string, unknown>>): Promise<Verdict> => {
      const plan = { ...changed.prepared.plan, parameters, parametersJson: JSON.stringify(parameters) }
      const prepared = gathered.prepared.map((item) => (item === changed.prepared ? { ...item, plan } : item))
      return (await ruleOn(question, { ...gathered, prepared }, judging)).ruling.verdict
    }
    const explained: Explanation['bindings'] = []
    for (const [at, each] of judged.entries()) {
      const parts = {
        evaluator: this.#parts.evaluator,
        canBe: this.#canBe,
        verdictWith: (parameters: Readonly<Record<string, unknown>>) => verdictWith(each, parameters),
      }
      explained.push(await explainBinding(each, inputs[at] ?? '', parts))
    }
    return explained
  }

  /** One at a time: each takes many runs, and live decisions need the engine. */
  #inTurn<Result>(task: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(task)
    this.#turn = result.catch(() => undefined)
    return result
  }
}
