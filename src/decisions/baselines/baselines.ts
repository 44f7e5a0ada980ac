import type { Digest } from '../../core/digest.ts'
import type { BaselineRule } from '../../policy/baseline.ts'
import type { PlannedBinding } from '../binding-plans.ts'
import type { PreparedBinding } from '../prepare.ts'
import type { FactsReader } from '../ports.ts'
import type { SubjectView } from '../subject-view.ts'
import { baselineSet, readBaselineSet, type BaselineSet } from './content.ts'
import { byLane, NO_DEBT, type HeldDebt, type HeldLane } from './held-debt.ts'
import { foundBy } from './history.ts'
import { SetCache } from './set-cache.ts'
import type { BaselineMove, BaselineStore } from './ports.ts'
import { baselineMoves } from './uses.ts'

const MOST_KNOWN = 10_000

/** The baseline of a binding as one decision finds it. */
export interface AppliedBaseline {
  /** Names the binding together with where its debt comes from: another snapshot is another baseline. */
  id: Digest
  rule: BaselineRule
  expired: boolean
  debt: HeldDebt
}

/** Finds out which old debt a binding's baseline holds. */
export class Baselines {
  readonly #store: BaselineStore
  readonly #facts: FactsReader
  readonly #stored = new SetCache<BaselineSet>()
  readonly #initial = new SetCache<BaselineSet | null>()
  readonly #known = new Set<Digest>()

  constructor(parts: { store: BaselineStore; facts: FactsReader }) {
    this.#store = parts.store
    this.#facts = parts.facts
  }

  /**
   * The old debt in the evidence that counts for a binding: of each lane what its head holds, or what it began with. Null without a
   * baseline. Heads are read anew each time, since another decision may just have narrowed them.
   * @param at milliseconds since the epoch
   */
  async apply(plan: PlannedBinding, view: SubjectView, at: number): Promise<AppliedBaseline | null> {
    if (!plan.baseline) return null
    const { id, rule } = plan.baseline
    if (at >= rule.expiresAt) return { id, rule, expired: true, debt: NO_DEBT }
    const lanes = byLane((await view.gathered(plan.rules)).selection.counted)
    const heads = await this.#store.heads(
      id,
      lanes.map(({ digest }) => digest),
    )
    const held = await Promise.all(
      lanes.map(async (lane): Promise<HeldLane> => {
        const head = heads.get(lane.digest)
        return { ...lane, set: head === undefined ? await this.#begin(plan, id, rule, view, lane) : await this.#read(head) }
      }),
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

  #read(digest: Digest): Promise<BaselineSet> {
    return this.#stored.get(digest, async () => {
      const text = await this.#store.set(digest)
      if (text === undefined) throw new Error(`the set ${digest} of a baseline is not there`)
      this.#known.add(digest)
      return readBaselineSet(text)
    })
  }

  #begin(
    plan: PlannedBinding,
    id: Digest,
    rule: BaselineRule,
    view: SubjectView,
    lane: Omit<HeldLane, 'set'>,
  ): Promise<BaselineSet | null> {
    const { subject: _, ...asker } = view.context
    const key = JSON.stringify([id, lane.digest, plan.rules, asker])
    return this.#initial.get(key, async () => {
      const found = await foundBy(this.#facts, view.context, plan.rules, lane.lane, Date.parse(rule.origin.at))
      return found ? baselineSet(found) : null
    })
  }
}
