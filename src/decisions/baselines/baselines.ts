import type { Digest } from '../../core/digest.ts'
import type { BaselineRule } from '../../policy/baseline.ts'
import type { PlannedBinding } from '../binding-plans.ts'
import type { DecisionStore, FactsReader } from '../ports.ts'
import type { PreparedBinding } from '../prepare.ts'
import type { SubjectView } from '../subject-view.ts'
import { baselineSet, readBaselineSet, type BaselineSet } from './content.ts'
import { debtAfter, deploymentsOf } from './deployed.ts'
import { byLane, NO_DEBT, type EvidenceLane, type HeldDebt, type HeldLane, type LaneDebt } from './held-debt.ts'
import { foundBy, type HistoryParts } from './history.ts'
import type { BaselineMove, BaselineStore, StandingHead } from './ports.ts'
import { SetCache } from './set-cache.ts'
import { baselineMoves } from './uses.ts'

export interface BaselinesParts {
  store: BaselineStore
  facts: FactsReader
  decisions: Pick<DecisionStore, 'find'>
}

/** The baseline of a binding as one decision finds it. */
export interface AppliedBaseline {
  /** Names the binding together with where its debt comes from: another snapshot is another baseline. */
  id: Digest
  rule: BaselineRule
  expired: boolean
  debt: HeldDebt
}

type Planned = PlannedBinding & { baseline: NonNullable<PlannedBinding['baseline']> }

const MOST_KNOWN = 10_000

/** Finds out which old debt a binding's baseline holds. */
export class Baselines {
  readonly #parts: BaselinesParts
  readonly #stored = new SetCache<BaselineSet>(({ text }) => text.length)
  readonly #history = new SetCache<LaneDebt>(({ set }) => set?.text.length ?? 0)
  readonly #known = new Set<Digest>()

  constructor(parts: BaselinesParts) {
    this.#parts = parts
  }

  /**
   * The old debt in the evidence that counts for a binding. Null without a baseline. Heads are read anew each time, since another
   * decision may just have narrowed them.
   * @param at milliseconds since the epoch
   */
  async apply(plan: PlannedBinding, view: SubjectView, at: number): Promise<AppliedBaseline | null> {
    if (!isPlanned(plan)) return null
    const { id, rule } = plan.baseline
    if (at >= rule.expiresAt) return { id, rule, expired: true, debt: NO_DEBT }
    const lanes = byLane((await view.gathered(plan.rules)).selection.counted)
    const digests = lanes.map(({ digest }) => digest)
    const heads = await this.#parts.store.heads(id, digests)
    const held = await Promise.all(
      lanes.map(async (lane): Promise<HeldLane> => ({ ...lane, ...(await this.#debtOf(plan, view, lane, heads.get(lane.digest), at)) })),
    )
    return { id, rule, expired: false, debt: { key: JSON.stringify(held.map(({ digest, set }) => [digest, set?.digest])), lanes: held } }
  }

  /** What a decision that is recorded does to heads. @param allowed whether it is an enforced allow */
  moves(prepared: PreparedBinding, allowed: boolean): BaselineMove[] {
    return baselineMoves(prepared, allowed, (digest) => this.#known.has(digest))
  }

  /** To be told once a decision is recorded: its sets need not be handed over again. */
  noteStored(moves: readonly BaselineMove[]): void {
    if (this.#known.size > MOST_KNOWN) this.#known.clear()
    for (const { set } of moves) this.#known.add(set.digest)
  }

  #debtOf(plan: Planned, view: SubjectView, lane: EvidenceLane, head: StandingHead | undefined, at: number): Promise<LaneDebt> {
    const { origin } = plan.baseline.rule
    return origin.kind === 'snapshot'
      ? this.#snapshotDebt(plan, view, lane, head, origin.at)
      : this.#deployedDebt(plan, view, lane, head, { environment: origin.environment, at })
  }

  async #snapshotDebt(plan: Planned, view: SubjectView, lane: EvidenceLane, head: StandingHead | undefined, snapshot: string) {
    const history = { at: snapshot, since: Date.parse(snapshot), replaces: false }
    if (head) return { set: await this.#read(head.set), history }
    return this.#history.get(keyOf(plan, view, lane, []), async () => {
      const found = await foundBy(this.#historyParts(plan, view), lane.lane, history.since)
      return { set: found ? baselineSet(found) : null, history }
    })
  }

  async #deployedDebt(
    plan: Planned,
    view: SubjectView,
    lane: EvidenceLane,
    head: StandingHead | undefined,
    { environment, at }: { environment: string; at: number },
  ): Promise<LaneDebt> {
    const { facts, store, decisions } = this.#parts
    const set = head && head.historyAt !== '' ? await this.#read(head.set) : null
    const earlier = { set, historyAt: head?.historyAt ?? '', comparedAt: head?.comparedAt ?? 0 }
    const deployments = await deploymentsOf(facts, environment, lane.lane, at)
    if (set && (deployments[0]?.finishedAt ?? '') <= earlier.historyAt) {
      return { set, history: { at: earlier.historyAt, since: earlier.comparedAt, replaces: false } }
    }
    const begunAt = earlier.historyAt === '' ? await store.begunAt(plan.baseline.id, lane.lane.repository) : undefined
    const state = [head?.set, earlier.historyAt, earlier.comparedAt, begunAt, deployments[0]?.id]
    return this.#history.get(keyOf(plan, view, lane, state), () =>
      debtAfter({ ...this.#historyParts(plan, view), decisions, binding: plan.binding.name }, lane.lane, earlier, deployments, begunAt),
    )
  }

  #historyParts({ rules }: PlannedBinding, { context }: SubjectView): HistoryParts {
    return { reader: this.#parts.facts, context, rules }
  }

  #read(digest: Digest): Promise<BaselineSet> {
    return this.#stored.get(digest, async () => {
      const text = await this.#parts.store.set(digest)
      if (text === undefined) throw new Error(`the set ${digest} of a baseline is not there`)
      this.#known.add(digest)
      return readBaselineSet(text)
    })
  }
}

function isPlanned(plan: PlannedBinding): plan is Planned {
  return plan.baseline !== null
}

/** Names all that the history of a lane depends on. Whose evidence counts may depend on the asker, but not on what is asked about. */
function keyOf(plan: Planned, view: SubjectView, lane: EvidenceLane, state: readonly unknown[]): string {
  const { subject: _, ...asker } = view.context
  return JSON.stringify([plan.baseline.id, lane.digest, plan.rules, asker, state])
}
