import type { OperationKind, SaveProgress } from '../../operations/runner.ts'
import type { StoredOperation } from '../../operations/model.ts'
import type { OperationStore } from '../../operations/ports.ts'
import type { DecisionPeriod, DecisionStore } from '../ports.ts'
import type { Flip } from './flip.ts'
import type { BacktestPool, TrialSession } from './ports.ts'
import type { BacktestRequest } from './request.ts'
import { FlipTally, type FlipSummary } from './summary.ts'
import type { Trial } from './try-decisions.ts'

/** What a backtest found out. */
export interface BacktestResult extends FlipSummary {
  /** Decisions of the period that whoever began it may see. */
  decisions: number
  same: number
  /** Those to which the version has nothing to say. */
  skipped: number
  allowToDeny: number
  denyToAllow: number
  /** Decisions that could not be tried, with some of their ids. */
  errors: { code: string; count: number; decisions: string[] }[]
}

type Counts = Omit<BacktestResult, keyof FlipSummary>

interface Checkpoint {
  /** Log index of the last decision that was tried. */
  after: number
  /** That of the last one of the period, as it began. */
  last: number
  total: number
  counts: Counts
}

export interface BacktestKindParts {
  decisions: Pick<DecisionStore, 'period' | 'positions'>
  operations: Pick<OperationStore, 'items'>
  pool: BacktestPool
}

/** Tried and kept at once. */
const CHUNK = 100
const MOST_SAMPLES = 5
const NOTHING: Counts = { decisions: 0, same: 0, skipped: 0, allowToDeny: 0, denyToAllow: 0, errors: [] }

/** Runs a pack version over recorded decisions. */
export class BacktestKind implements OperationKind {
  readonly kind = 'backtest'
  readonly #parts: BacktestKindParts

  constructor(parts: BacktestKindParts) {
    this.#parts = parts
  }

  async run(operation: StoredOperation, save: SaveProgress, signal: AbortSignal): Promise<BacktestResult> {
    const request = operation.request as BacktestRequest
    let state = (operation.checkpoint as Checkpoint | null) ?? (await this.#begin(operation))
    let done = operation.done
    await save({ done, total: state.total, checkpoint: state, items: [] })
    await using session = await this.#parts.pool.open(request, operation.confinement)
    for await (const { positions, trial } of this.#trials(operation, state, session, signal)) {
      state = { ...state, after: positions.at(-1) ?? state.after, counts: added(state.counts, trial) }
      done += positions.length
      const items = trial.flips.map((flip) => ({ no: flip.logIndex, item: flip }))
      await save({ done, total: Math.max(state.total, done), checkpoint: state, items })
    }
    return { ...state.counts, ...(await this.#summary(operation.id)) }
  }

  async #begin({ request, confinement }: StoredOperation): Promise<Checkpoint> {
    const { total, last } = await this.#parts.decisions.period(periodOf(request), confinement)
    return { after: -1, last, total, counts: NOTHING }
  }

  /** Trials in the order of the log; as many are under way as the session has workers, and one more for each. */
  async *#trials({ request, confinement }: StoredOperation, { after, last }: Checkpoint, session: TrialSession, signal: AbortSignal) {
    const ahead: { positions: number[]; trial: Promise<Trial> }[] = []
    const period = periodOf(request)
    let position = after
    for (;;) {
      signal.throwIfAborted()
      while (ahead.length < session.width * 2) {
        const positions = await this.#parts.decisions.positions({ ...period, after: position, last }, confinement, CHUNK)
        if (positions.length === 0) break
        position = positions.at(-1) ?? position
        const trial = session.try(positions)
        // Whoever waits for it hears of its failure; until then it is nobody's unhandled rejection.
        trial.catch(() => undefined)
        ahead.push({ positions, trial })
      }
      const next = ahead.shift()
      if (!next) return
      yield { positions: next.positions, trial: await next.trial }
    }
  }

  async #summary(id: string): Promise<FlipSummary> {
    const tally = new FlipTally()
    let after: string | undefined
    for (;;) {
      const items = await this.#parts.operations.items(id, after, 500)
      for (const { item } of items) tally.add(item as Flip)
      const last = items.at(-1)
      if (!last) return tally.summary()
      after = String(last.no)
    }
  }
}

function periodOf(request: unknown): DecisionPeriod {
  const { from, to } = request as BacktestRequest
  return { from, to }
}

function added(counts: Counts, { same, skipped, flips, errors }: Trial): Counts {
  const denied = flips.filter(({ to }) => to === 'deny').length
  return {
    decisions: counts.decisions + same + skipped + flips.length + errors.length,
    same: counts.same + same,
    skipped: counts.skipped + skipped,
    allowToDeny: counts.allowToDeny + denied,
    denyToAllow: counts.denyToAllow + flips.length - denied,
    errors: errors.reduce(withError, counts.errors),
  }
}

function withError(known: Counts['errors'], { code, decision }: Trial['errors'][number]): Counts['errors'] {
  const earlier = known.find((each) => each.code === code) ?? { code, count: 0, decisions: [] }
  const grown = { code, count: earlier.count + 1, decisions: [...earlier.decisions, decision].slice(0, MOST_SAMPLES) }
  return [...known.filter((each) => each !== earlier), grown]
}
