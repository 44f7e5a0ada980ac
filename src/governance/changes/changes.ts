import { AppError, isAppError } from '../../core/app-error.ts'
import { isGuarded, type ChangeKind, type ChangeMeta, type SecondPerson } from '../../core/change-kind.ts'
import type { Clock } from '../../core/clock.ts'
import { isFreeText } from '../../core/free-text.ts'
import { newId } from '../../core/id.ts'
import type { JsonValue } from '../../core/log-entry.ts'
import type { Page, PageRequest } from '../../core/page.ts'
import { requirePerson } from '../../core/person.ts'
import { areIndependent, ownersOf, type Access } from '../../core/principal.ts'
import { formatInstant } from '../../core/time.ts'
import { stateAt, type Change, type Participant, type StoredChange } from './change.ts'
import { outdated, ownChange, type ChangeErrorCode } from './errors.ts'
import type { ChangeFilter, ChangeStore } from './ports.ts'

/** The kinds of change that exist, by name. */
export type ChangeKinds = { readonly [Name in string]: ChangeKind }

/** What became of a request: done, or waiting for a second person. */
export type ChangeOutcome<Result> = { applied: Result } | { pending: Change }

export interface ChangesParts<Kinds> {
  store: ChangeStore
  kinds: Kinds
  clock: Clock
  /** For which changes a second person is wanted; `off` is the operator's way out. */
  secondPerson: SecondPerson
}

type PayloadOf<Kind> = Kind extends ChangeKind<infer Payload> ? Payload : never
type ResultOf<Kind> = Kind extends ChangeKind<infer _, infer Result> ? Result : never

const DAY_MS = 24 * 60 * 60 * 1000
const EXPIRES_AFTER_MS = 7 * DAY_MS
const MAX_COMMENT = 2000
/** A target that changes while a change of it is planned. */
const ATTEMPTS = 3

/** Changes that take a second person once there are two: proposed by one, approved or rejected by another. */
export class Changes<Kinds extends { readonly [Name in keyof Kinds]: ChangeKind<never> }> {
  readonly #parts: ChangesParts<Kinds>

  constructor(parts: ChangesParts<Kinds>) {
    this.#parts = parts
  }

  /**
   * Carries a change out, or lets it wait for a second person where one is needed.
   * @throws {AppError} what planning it throws, `second_person_required` for who can't propose it, or `change_outdated` if its target changes
   *   all the time
   */
  async request<Name extends keyof Kinds & string>(
    access: Access,
    name: Name,
    payload: PayloadOf<Kinds[Name]>,
    requestId: string,
  ): Promise<ChangeOutcome<ResultOf<Kinds[Name]>>> {
    const kind = this.#parts.kinds[name] as ChangeKind
    for (let attempt = 1; ; attempt += 1) {
      try {
        const outcome = await this.#submit(access, { name, kind, payload }, requestId)
        return 'pending' in outcome
          ? { pending: this.#shown(outcome.pending) }
          : { applied: kind.resultOf(outcome.applied) as ResultOf<Kinds[Name]> }
      } catch (error) {
        if (attempt === ATTEMPTS || !isAppError(error) || error.code !== 'change_outdated') throw error
      }
    }
  }

  async find(id: string): Promise<Change | undefined> {
    const change = await this.#parts.store.find(id)
    return change && this.#shown(change)
  }

  /** Newest first. */
  async list(filter: ChangeFilter, page: PageRequest): Promise<Page<Change>> {
    const { items, next } = await this.#parts.store.list(filter, page, this.#now())
    return { items: items.map((change) => this.#shown(change)), next }
  }

  /**
   * Carries a change out that somebody else proposed. It is checked once more, with the approver's rights.
   * @returns undefined if there is none
   * @throws {AppError} `person_required`, `scope_missing`, `own_change`, `second_person_required`, `change_decided`, `change_expired`,
   *   `change_outdated`, `change_proposer_disabled`, `change_text_invalid`, or what is wrong with it by now
   */
  async approve(access: Access, id: string, comment: string | undefined, requestId: string): Promise<Change | undefined> {
    const change = await this.#parts.store.find(id)
    if (!change) return undefined
    const by = participant(access, 'approve a change')
    const kind = this.#kindOf(access, change)
    if (!areIndependent(access, { principal: change.proposedBy, issuerIds: change.proposedBy.owners })) throw ownChange()
    const at = this.#now()
    const meta: ChangeMeta = { by: change.proposedBy, cause: { actor: by.id, onBehalfOf: change.proposedBy.id, at, requestId } }
    // What is no longer pending isn't planned: its reason is told instead of what it would meet now.
    const effect = this.#shown(change).state === 'pending' ? (await kind.plan(access, change.payload, meta)).effect : undefined
    const decision = { id, state: 'approved', by, at, comment: readComment('comment', comment), effect, requestId } as const
    return this.#shown(await this.#parts.store.decide(decision))
  }

  /**
   * Turns a change down. Whoever proposed it withdraws it.
   * @returns undefined if there is none
   * @throws {AppError} `person_required`, `scope_missing`, `change_decided`, `change_expired`, `change_outdated` or `change_text_invalid`
   */
  async reject(access: Access, id: string, reason: string, requestId: string): Promise<Change | undefined> {
    const change = await this.#parts.store.find(id)
    if (!change) return undefined
    const by = participant(access, 'reject a change')
    this.#kindOf(access, change)
    const state = change.proposedBy.id === by.id ? 'withdrawn' : 'rejected'
    const decision = { id, state, by, at: this.#now(), comment: readComment('reason', reason), effect: undefined, requestId } as const
    return this.#shown(await this.#parts.store.decide(decision))
  }

  async #submit(access: Access, { name, kind, payload }: { name: string; kind: ChangeKind; payload: unknown }, requestId: string) {
    const target = await kind.target(payload)
    // Before what it is planned upon is read: a change in between is then noticed.
    const baseRevision = await this.#parts.store.revision(target)
    const now = this.#parts.clock.now()
    const at = formatInstant(now)
    const { principal, person } = access
    const plan = await kind.plan(access, payload, { by: principal, cause: { actor: principal.id, at, requestId } })
    const { summary, before, after, effect } = plan
    const change: StoredChange = {
      ...{ id: newId(), kind: name, target, summary, before, after, baseRevision },
      ...{ proposedBy: { id: principal.id, name: principal.name, owners: ownersOf(access), person: person ?? 'declared' } },
      ...{
        proposedAt: at,
        expiresAt: formatInstant(now + EXPIRES_AFTER_MS),
        state: 'pending',
        decidedBy: null,
        decidedAt: null,
        comment: null,
      },
      payload: payload as JsonValue,
    }
    return this.#parts.store.submit({ change, guarded: isGuarded(plan.guarded, this.#parts.secondPerson), effect, person, requestId })
  }

  /** @throws {AppError} `scope_missing`, or `change_outdated` if this version knows no such change */
  #kindOf(access: Access, { kind: name }: Change): ChangeKind {
    const kinds = this.#parts.kinds as ChangeKinds
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined
    if (!kind) throw outdated()
    if (access.scopes.has(kind.scope)) return kind
    throw new AppError('scope_missing', `To decide about this change needs the scope ${kind.scope} as well.`, {
      field: 'header.Authorization',
      remedy: `Use a token that has ${kind.scope} too.`,
    })
  }

  #shown({ payload: _, ...change }: StoredChange): Change {
    return { ...change, state: stateAt(change, this.#parts.clock.now()) }
  }

  #now(): string {
    return formatInstant(this.#parts.clock.now())
  }
}

/** @throws {AppError} `person_required` */
function participant(access: Access, what: string): Participant {
  const { id, name } = access.principal
  return { id, name, owners: ownersOf(access), person: requirePerson(access, what) }
}

function readComment(field: 'comment' | 'reason', text: string | undefined): string | null {
  if (text === undefined && field === 'comment') return null
  if (text !== undefined && isFreeText(text, MAX_COMMENT)) return text
  throw new AppError<ChangeErrorCode>('change_text_invalid', `The ${field} is empty, too long or has control characters.`, {
    field: `body.${field}`,
    remedy: `Write 1 to ${MAX_COMMENT} characters on one line.`,
  })
}
