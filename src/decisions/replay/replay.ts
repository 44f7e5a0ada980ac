import type { Access } from '../../core/principal.ts'
import type { CatalogueSource } from '../../policy/catalogue.ts'
import type { PolicyEvaluator } from '../../policy/evaluator.ts'
import type { RunnableVersions, VersionFaults } from '../../policy/versions/runnable-versions.ts'
import { ruledDecision } from '../compose-decision.ts'
import type { Decision, RecordedDecision, Verdict } from '../decision.ts'
import type { DecisionStore } from '../ports.ts'
import { ENGINE, type EngineVersions, type ReferenceForm } from '../reference-form.ts'
import { ruleOn } from '../ruling.ts'
import { differences, type Difference } from './differences.ts'
import { RecompositionError, type ObstacleCode } from './obstacle.ts'
import { recompose, requireRunnable, versionsOf, type RecomposeParts, type Recomposed } from './recompose.ts'

/**
 * What may have made a replay differ, or kept it from being done.
 * - `engine_differs`: another Node evaluates, or has other time zone data
 * - `evidence_differs`: the evidence is no longer composed as the pack saw it
 * - `wording_differs`: this version of the service words a sentence otherwise
 * - `unexplained`: none of these is known to be the cause
 */
export type ReplayReasonCode = ObstacleCode | 'engine_differs' | 'evidence_differs' | 'wording_differs' | 'unexplained'

export interface ReplayReport {
  decision: string
  inputDigest: string
  /** True if the packs saw the same, and everything that follows from it is the same again. */
  identical: boolean
  /** `replayed` is null if the input can't be recomposed. */
  verdict: { recorded: Verdict; replayed: Verdict | null }
  engine: { recorded: EngineVersions; now: EngineVersions }
  differences: Difference[]
  /** Empty if it is identical. */
  reasons: { code: ReplayReasonCode; message: string }[]
}

export interface ReplayParts extends Omit<RecomposeParts, 'catalogue'> {
  decisions: Pick<DecisionStore, 'find' | 'input'>
  catalogues: Pick<CatalogueSource, 'current'>
  versions: Pick<RunnableVersions, 'during'>
  evaluator: PolicyEvaluator
}

/** Nobody measures what a replay takes: live decisions are measured. */
export const UNMEASURED = { evaluated: () => {} }

/** Judges recorded decisions again by their stored input, and records nothing. */
export class Replays {
  readonly #parts: ReplayParts

  constructor(parts: ReplayParts) {
    this.#parts = parts
  }

  /** @returns undefined if there is no such decision, or the asker may not see it */
  async replay(access: Access, id: string): Promise<ReplayReport | undefined> {
    return this.recomposed(access, id, (decision, recomposed, form) => this.#replay(decision, form, recomposed))
  }

  /**
   * Makes the input of a decision again, and lets a task use it while the versions that judged then can be run.
   * @returns undefined if there is no such decision, or the asker may not see it
   */
  async recomposed<Result>(
    access: Access,
    id: string,
    task: (decision: RecordedDecision, recomposed: Recomposed | RecompositionError, form: ReferenceForm) => Promise<Result>,
  ): Promise<Result | undefined> {
    const decision = await this.#parts.decisions.find(id, access.confinement)
    if (!decision) return undefined
    const form = await this.#form(decision.logIndex)
    return this.#parts.versions.during(versionsOf(form), async (faults) => task(decision, await this.#recompose(form, faults), form))
  }

  async #replay(decision: Decision, form: ReferenceForm, recomposed: Recomposed | RecompositionError): Promise<ReplayReport> {
    const report = {
      decision: decision.id,
      inputDigest: decision.inputDigest,
      engine: { recorded: form.engine, now: ENGINE },
    }
    if (recomposed instanceof RecompositionError) {
      const verdict = { recorded: decision.verdict, replayed: null }
      return { ...report, identical: false, verdict, differences: [], reasons: [recomposed.obstacle] }
    }
    const { question, gathered, differing } = recomposed
    const replayed = ruledDecision(gathered, await ruleOn(question, gathered, { evaluator: this.#parts.evaluator, telemetry: UNMEASURED }))
    const found = differences(decision, replayed)
    const identical = found.length === 0 && differing.length === 0
    return {
      ...report,
      identical,
      verdict: { recorded: decision.verdict, replayed: replayed.verdict },
      differences: found,
      reasons: identical ? [] : reasonsOf(found, form, recomposed),
    }
  }

  async #form(logIndex: number): Promise<ReferenceForm> {
    const text = await this.#parts.decisions.input(logIndex)
    if (text === undefined) throw new Error(`the decision at ${logIndex} has no stored input`)
    return JSON.parse(text) as ReferenceForm
  }

  async #recompose(form: ReferenceForm, faults: VersionFaults): Promise<Recomposed | RecompositionError> {
    try {
      requireRunnable(form, faults)
      return await recompose(form, { ...this.#parts, catalogue: await this.#parts.catalogues.current(versionsOf(form)) })
    } catch (error) {
      if (error instanceof RecompositionError) return error
      throw error
    }
  }
}

function reasonsOf(found: readonly Difference[], { engine }: ReferenceForm, { differing }: Recomposed): ReplayReport['reasons'] {
  const reasons: ReplayReport['reasons'] = []
  if (differing.length > 0) {
    reasons.push({ code: 'evidence_differs', message: `The evidence under ${differing.join(', ')} is not composed as it was.` })
  }
  if (engine.node !== ENGINE.node || engine.zones !== ENGINE.zones) {
    reasons.push({
      code: 'engine_differs',
      message: `It was decided by Node ${engine.node} with time zones ${engine.zones}; this is Node ${ENGINE.node} with ${ENGINE.zones}.`,
    })
  }
  if (found.length > 0 && found.every(({ wordingOnly }) => wordingOnly)) {
    reasons.push({ code: 'wording_differs', message: 'The verdict and what it rests on are the same; sentences are worded otherwise.' })
  }
  return reasons.length > 0 ? reasons : [{ code: 'unexplained', message: 'Input, policy and engine are the same, and the result is not.' }]
}
