import { isAppError } from '../core/app-error.ts'
import { canonicalJson } from '../core/canonical-json.ts'
import type { Clock } from '../core/clock.ts'
import type { IdempotencyClaim } from '../core/idempotency.ts'
import type { Page, PageRequest } from '../core/page.ts'
import type { Access } from '../core/principal.ts'
import type { Telemetry } from '../core/telemetry.ts'
import type { WaiversInForce } from '../governance/waivers/waivers-in-force.ts'
import type { ApprovalStore } from '../governance/approvals/ports.ts'
import type { CalendarCache } from '../governance/calendar/calendar-cache.ts'
import type { BlockCache } from '../governance/blocks/block-cache.ts'
import type { OwnershipCache } from '../ownership/ownership-cache.ts'
import type { PolicyEvaluator } from '../policy/evaluator.ts'
import { Baselines } from './baselines/baselines.ts'
import type { BaselineMove, BaselineStore } from './baselines/ports.ts'
import type { BindingPlans } from './binding-plans.ts'
import { composeDecision } from './compose-decision.ts'
import { decisionEntry } from './decision-entry.ts'
import type { AnsweredDecision, Decision, DecisionRequest, RecordedDecision } from './decision.ts'
import { OUT_OF_DATE } from './errors.ts'
import { factSources } from './facts/sources.ts'
import type { DecisionFilter, DecisionStore, FactsReader } from './ports.ts'
import { prepareQuestion, type PreparationParts } from './preparation.ts'
import { composeInputs } from './prepare.ts'
import { readQuestion, type Question } from './question.ts'
import { referenceForm } from './reference-form.ts'
import type { DeploymentHistory } from './rollback/history.ts'
import { ruleOn } from './ruling.ts'
import { ViewCache } from './view-cache.ts'
import { isAwaited } from './waiting/awaited.ts'
import { WaitingRoom, type Patience } from './waiting/waiting-room.ts'

export interface GateParts {
  facts: FactsReader
  history: DeploymentHistory
  decisions: DecisionStore
  plans: Pick<BindingPlans, 'current'>
  baselines: BaselineStore
  waivers: Pick<WaiversInForce, 'current' | 'asOf'>
  approvals: Pick<ApprovalStore, 'at' | 'settle'>
  /** Whether people log in here: only who logged in counts as an approver then. */
  peopleLogIn: () => Promise<boolean>
  ownership: Pick<OwnershipCache, 'current'>
  calendar: Pick<CalendarCache, 'current'>
  blocks: Pick<BlockCache, 'current'>
  evaluator: PolicyEvaluator
  clock: Clock
  telemetry: Telemetry
}

/** What of the transport a decision keeps. */
export interface AskMeta {
  requestId: string
  idempotency: IdempotencyClaim | undefined
}

/** A decision, and whether an earlier request with the same idempotency key had it already. */
export interface Answer {
  decision: AnsweredDecision
  repeated: boolean
}

interface Judged {
  decision: Decision
  /** The stored input, as canonical JSON. */
  reference: string
  moves: BaselineMove[]
  /** Number of the newest block by which it was judged. */
  newestBlock: number
}

/** What an allow rests on can be taken back, or its subject blocked, while it is judged; it is judged again then. */
const ATTEMPTS = 3

/** Answers whether a subject may pass a stage, and records the answer before it is spoken. */
export class Gate {
  readonly #parts: GateParts
  readonly #baselines: Baselines
  readonly #preparation: PreparationParts
  readonly #waitingRoom: WaitingRoom

  constructor(parts: GateParts) {
    this.#parts = parts
    this.#baselines = new Baselines({ store: parts.baselines, facts: parts.facts, decisions: parts.decisions })
    this.#waitingRoom = new WaitingRoom({ revision: () => parts.facts.revision() })
    this.#preparation = {
      plans: parts.plans,
      ownership: parts.ownership,
      blocks: parts.blocks,
      views: new ViewCache(parts.facts),
      sources: factSources(parts),
      baselines: this.#baselines,
      waivers: parts.waivers,
    }
  }

  /**
   * Judges and records. Whatever goes wrong in a policy is a recorded denial.
   * @returns after the commit; `repeated` if an earlier request with the same idempotency key was answered again
   * @throws {AppError} if the request can't be judged (malformed, outside the confinement) or the verdict can't be recorded
   */
  async decide(access: Access, request: DecisionRequest, meta: AskMeta): Promise<Answer> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#decideOnce(access, request, meta)
      } catch (error) {
        if (attempt === ATTEMPTS || !isAppError(error) || !OUT_OF_DATE.has(error.code)) throw error
      }
    }
  }

  async #decideOnce(access: Access, request: DecisionRequest, meta: AskMeta): Promise<Answer> {
    const question = readQuestion(access, request, this.#parts.clock.now())
    const { decision, reference, moves, newestBlock } = await this.#judge(access, question)
    this.#parts.telemetry.decided(decision.verdict, decision.stage, decision.dryRun, decision.project)
    if (question.dryRun) {
      const { id: _unused, ...unrecorded } = decision
      return { decision: { ...unrecorded, dryRun: true }, repeated: false }
    }
    const recorded = await this.#parts.decisions.record({
      decision,
      input: reference,
      entry: decisionEntry(decision, access, meta.requestId),
      idempotency: meta.idempotency,
      link: question.declaredLink,
      moves,
      newestBlock: decision.verdict === 'allow' ? newestBlock : undefined,
    })
    if (!recorded.repeated) {
      this.#baselines.noteStored(moves)
      if (decision.breakGlass) this.#parts.telemetry.brokeGlass(decision.environment, decision.project)
      if (decision.restsOn.some(({ kind }) => kind === 'approval')) await this.#noteApproved(decision, question.at)
    }
    const { decision: kept, logIndex, voidedAt, repeated } = recorded
    return { decision: { ...kept, logIndex, voidedAt }, repeated }
  }

  /** Nobody waits for these approvals any more. The verdict is committed: that this could not be noted must not take it back. */
  async #noteApproved(decision: Decision, at: number): Promise<void> {
    const since = await this.#parts.approvals.settle(decision).catch(() => undefined)
    if (since !== undefined) this.#parts.telemetry.approved(Math.max(0, at - Date.parse(since)) / 1000)
  }

  /**
   * Waits while the answer would be a denial that lacks only what may still come. Nothing is recorded.
   * @returns false if too many wait already
   * @throws {AppError} if the request can't be judged
   */
  wait(access: Access, request: DecisionRequest, patience: Patience): Promise<boolean> {
    return this.#waitingRoom.wait(access.principal.id, patience, async () => {
      const question = readQuestion(access, request, this.#parts.clock.now())
      if (question.atChosen) return false
      return isAwaited(await ruleOn(question, await prepareQuestion(access, question, this.#preparation), this.#parts))
    })
  }

  /** A recorded decision, if the asker may see it. */
  find(access: Access, id: string): Promise<RecordedDecision | undefined> {
    return this.#parts.decisions.find(id, access.confinement)
  }

  /** Recorded decisions that the asker may see, newest first. */
  list(access: Access, filter: Omit<DecisionFilter, 'visibleTo'>, page: PageRequest): Promise<Page<RecordedDecision>> {
    return this.#parts.decisions.list({ ...filter, visibleTo: access.confinement }, page)
  }

  /** The inputs that the packs of a question would get, by binding name; for tests, benchmarks and policy authors. */
  async composeInput(access: Access, request: DecisionRequest): Promise<Record<string, unknown>> {
    const question = readQuestion(access, request, this.#parts.clock.now())
    const { prepared } = await prepareQuestion(access, question, this.#preparation)
    const inputs = composeInputs(question, prepared)
    return Object.fromEntries(prepared.map(({ plan }, at) => [plan.binding.name, JSON.parse(inputs[at] ?? 'null')]))
  }

  async #judge(access: Access, question: Question): Promise<Judged> {
    const [gathered, ownership] = await Promise.all([prepareQuestion(access, question, this.#preparation), this.#parts.ownership.current()])
    const ruled = await ruleOn(question, gathered, this.#parts)
    const { prepared } = gathered
    const reference = canonicalJson(referenceForm(access, question, gathered, ruled.judged))
    const decision = await composeDecision({ access, question, gathered, ruled, reference, ownership }, this.#parts.facts)
    // What passed against policies says nothing about debt.
    const allowed = ruled.ruling.verdict === 'allow' && ruled.ruling.enforced && ruled.breakGlass === null
    const moves = prepared.flatMap((item) => this.#baselines.moves(item, allowed))
    return { decision, reference, moves, newestBlock: gathered.newestBlock }
  }
}
