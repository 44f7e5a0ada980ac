import { canonicalDigest } from '../../core/canonical-json.ts'
import type { Clock } from '../../core/clock.ts'
import type { Digest } from '../../core/digest.ts'
import { newId } from '../../core/id.ts'
import type { IdempotencyClaim } from '../../core/idempotency.ts'
import type { EntryDraft } from '../../core/log-entry.ts'
import type { Page, PageRequest } from '../../core/page.ts'
import type { Access } from '../../core/principal.ts'
import { formatInstant } from '../../core/time.ts'
import { shownOperation, type NewOperation, type Operation } from '../../operations/model.ts'
import type { Operations } from '../../operations/operations.ts'
import type { OperationStore } from '../../operations/ports.ts'
import type { OwnershipCache } from '../../ownership/ownership-cache.ts'
import type { CatalogueSource } from '../../policy/catalogue.ts'
import type { BindingStore } from '../../policy/ports.ts'
import { maySeeBinding } from '../applicable-bindings.ts'
import { fits, type Flip, type FlipFilter } from './flip.ts'
import { readBacktest, type BacktestDraft, type BacktestRequest } from './request.ts'

export interface BacktestsParts {
  store: Pick<OperationStore, 'start' | 'items'>
  operations: Pick<Operations, 'visible'>
  bindings: Pick<BindingStore, 'all'>
  ownership: Pick<OwnershipCache, 'current'>
  catalogues: Pick<CatalogueSource, 'current'>
  /** Tells whoever runs operations that there is one. */
  wake: () => void
  clock: Clock
}

/** Runs over recorded decisions to see which verdicts would be others. */
export class Backtests {
  readonly #parts: BacktestsParts

  constructor(parts: BacktestsParts) {
    this.#parts = parts
  }

  /**
   * Begins a backtest of one version of a pack, over the decisions that the asker may see.
   * @returns undefined if there is no such version
   * @throws {AppError} as `readBacktest` does
   */
  async start(
    access: Access,
    { pack, version }: { pack: string; version: Digest },
    draft: BacktestDraft,
    meta: { requestId: string; idempotency: IdempotencyClaim | undefined },
  ): Promise<{ operation: Operation; repeated: boolean } | undefined> {
    const { store, bindings, ownership, catalogues, wake, clock } = this.#parts
    const manifest = (await catalogues.current([{ name: pack, digest: version }])).version(pack, version)
    if (!manifest) return undefined
    const now = clock.now()
    const visible = (await bindings.all()).filter((binding) => maySeeBinding(binding, access.confinement))
    const request = readBacktest(draft, manifest, { bindings: visible, ownership: await ownership.current(), now })
    const operation: NewOperation = {
      ...{ id: newId(), kind: 'backtest', request, confinement: access.confinement },
      ...{ ownerId: access.principal.id, requestedBy: access.principal.name, requestedAt: formatInstant(now) },
    }
    const { operation: stored, repeated } = await store.start(operation, started(operation, request, meta.requestId), meta.idempotency)
    wake()
    return { operation: shownOperation(stored), repeated }
  }

  /** Decisions that would have been others, in the order of the log; undefined if there is no such backtest that the asker may see. */
  async flips(access: Access, id: string, filter: FlipFilter, { limit, after }: PageRequest): Promise<Page<Flip> | undefined> {
    const operation = await this.#parts.operations.visible(access, id)
    if (operation?.kind !== 'backtest') return undefined
    const found: Flip[] = []
    let position = after
    while (found.length <= limit) {
      const items = await this.#parts.store.items(id, position, READ_AT_ONCE)
      found.push(...items.map(({ item }) => item as Flip).filter((flip) => fits(flip, filter)))
      const last = items.at(-1)
      if (!last) break
      position = String(last.no)
    }
    const shown = found.slice(0, limit)
    return { items: shown, next: found.length > limit ? String(shown.at(-1)?.logIndex) : null }
  }
}

const READ_AT_ONCE = 500

function started(operation: NewOperation, request: BacktestRequest, requestId: string): { entry: EntryDraft; record: object } {
  const { pack, version, from, to, parameters, binding, mode } = request
  const record = { operation: operation.id, pack, version, from, to, parameters, binding, mode, at: operation.requestedAt }
  const body = { operation: operation.id, pack, version, from, to, binding, mode, parameters: parameters && canonicalDigest(parameters) }
  const digest = canonicalDigest(record)
  return {
    record,
    entry: {
      type: 'backtest.started',
      at: operation.requestedAt,
      actor: operation.ownerId,
      requestId,
      body: { digest, ...body },
      detail: {},
    },
  }
}
