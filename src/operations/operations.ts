import { AppError } from '../core/app-error.ts'
import { canonicalJson } from '../core/canonical-json.ts'
import type { Clock } from '../core/clock.ts'
import type { Page, PageRequest } from '../core/page.ts'
import type { Access } from '../core/principal.ts'
import { formatInstant } from '../core/time.ts'
import { operationEnd } from './entries.ts'
import { shownOperation, type Operation, type OperationState, type StoredOperation } from './model.ts'
import type { OperationStore } from './ports.ts'

export type OperationErrorCode = 'operation_finished'

export interface OperationFilter {
  kind?: string
  state?: OperationState
}

/** Work in the background: how far it is, and how to stop it. */
export class Operations {
  readonly #store: OperationStore
  readonly #clock: Clock

  constructor(parts: { store: OperationStore; clock: Clock }) {
    this.#store = parts.store
    this.#clock = parts.clock
  }

  /** @returns undefined if there is none, or the asker may not see it */
  async find(access: Access, id: string): Promise<Operation | undefined> {
    const stored = await this.visible(access, id)
    return stored && shownOperation(stored)
  }

  /** The same with what only its kind reads. */
  async visible(access: Access, id: string): Promise<StoredOperation | undefined> {
    const stored = await this.#store.find(id)
    return stored && maySee(access, stored) ? stored : undefined
  }

  /** The asker's own, newest first; those of everybody for whoever may read the whole log. */
  async list(access: Access, filter: OperationFilter, page: PageRequest): Promise<Page<Operation>> {
    const owner = seesAll(access) ? {} : { ownerId: access.principal.id }
    const { items, next } = await this.#store.list({ ...filter, ...owner }, page)
    return { items: items.filter((stored) => maySee(access, stored)).map(shownOperation), next }
  }

  /**
   * Ends an operation; what it found so far stays.
   * @returns undefined if there is none that the asker may stop
   * @throws {AppError} `operation_finished`
   */
  async cancel(access: Access, id: string, requestId: string): Promise<Operation | undefined> {
    const stored = await this.visible(access, id)
    if (!stored || !mayCancel(access, stored)) return undefined
    const cause = { at: formatInstant(this.#clock.now()), actor: access.principal.id, requestId }
    const end = operationEnd(stored, { state: 'cancelled', result: null, error: null }, cause)
    if (stored.state !== 'running' || !(await this.#store.finish(end, undefined))) throw finished(id)
    return this.find(access, id)
  }
}

/** One's own, begun with no other confinement; everybody's for whoever may read the whole log. */
function maySee(access: Access, { ownerId, confinement }: StoredOperation): boolean {
  if (seesAll(access)) return true
  if (access.principal.id !== ownerId) return false
  return !isConfined(access) || canonicalJson(access.confinement) === canonicalJson(confinement)
}

function mayCancel(access: Access, { ownerId }: StoredOperation): boolean {
  return access.principal.id === ownerId || (!isConfined(access) && access.scopes.has('policies:write'))
}

function seesAll(access: Access): boolean {
  return !isConfined(access) && access.scopes.has('audit:read')
}

function isConfined({ confinement }: Access): boolean {
  return Object.values(confinement).some((list) => list !== undefined)
}

function finished(id: string): AppError<OperationErrorCode> {
  return new AppError('operation_finished', `The operation ${id} has ended already.`, {
    field: 'path.id',
    remedy: 'GET /v1/operations/{id} tells how.',
  })
}
