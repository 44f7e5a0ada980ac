import { AppError } from '../../core/app-error.ts'
import type { Clock } from '../../core/clock.ts'
import { isFreeText } from '../../core/free-text.ts'
import { newId } from '../../core/id.ts'
import type { IdempotencyClaim } from '../../core/idempotency.ts'
import type { Page, PageRequest } from '../../core/page.ts'
import { requirePerson } from '../../core/person.ts'
import { areIndependent, ownersOf, type Access, type Confinement } from '../../core/principal.ts'
import { formatInstant, parseInstant } from '../../core/time.ts'
import { foreignWaiver, outsideConfinement, ownWaiver, type WaiverErrorCode } from './errors.ts'
import type { WaiverCounts, WaiverFilter, WaiverStore } from './ports.ts'
import { isWithin, readScope, type ScopeDraft } from './scope.ts'
import { mayConcern } from './sight.ts'
import { stateAt, type Waiver, type WaiverEnd } from './waiver.ts'

export interface WaiversParts {
  store: WaiverStore
  /** Whether a version of a pack that is installed, and that who is so confined may see, can report the rule. */
  isKnownRule: (rule: string, confinement: Confinement) => Promise<boolean>
  clock: Clock
  /** Days for which a waiver may hold. */
  maxDays: number
  /** How many different people have to approve one. */
  approvals: number
}

/** A waiver as it is requested. */
export interface WaiverDraft {
  scope: ScopeDraft
  reason: string
  /** RFC 3339. */
  expiresAt: string
}

/** A request that was taken in, and what its sender may have overlooked. */
export interface RequestedWaiver extends Waiver {
  warnings: string[]
}

const DAY_MS = 24 * 60 * 60 * 1000
const SOON_DAYS = 7
const MAX_TEXT = 2000

/** Exceptions from rules: requested by one, approved by others, for a while. */
export class Waivers {
  readonly #parts: WaiversParts

  constructor(parts: WaiversParts) {
    this.#parts = parts
  }

  /**
   * Takes in a request, cut to what the requester may speak about.
   * @returns after the commit; `repeated` if the same waits already
   * @throws {AppError} what `readScope` throws, `waiver_expiry_invalid`, `waiver_text_invalid`, `waivers_too_many` or `idempotency_key_reused`
   */
  async request(
    access: Access,
    draft: WaiverDraft,
    meta: { requestId: string; idempotency: IdempotencyClaim | undefined },
  ): Promise<{ waiver: RequestedWaiver; repeated: boolean }> {
    const now = this.#parts.clock.now()
    const waiver: Waiver = {
      id: newId(),
      scope: readScope(draft.scope, access.confinement),
      reason: readText('reason', draft.reason),
      expiresAt: this.#readExpiry(draft.expiresAt, now),
      state: 'requested',
      requestedBy: { id: access.principal.id, name: access.principal.name, owners: ownersOf(access), person: access.person },
      requestedAt: formatInstant(now),
      approvalsNeeded: this.#parts.approvals,
      approvals: [],
      approvedAt: null,
      rejected: null,
      revoked: null,
    }
    const requested = await this.#parts.store.request({ waiver, ...meta })
    return { waiver: { ...this.#shown(requested.waiver), warnings: await this.#warnings(waiver, access) }, repeated: requested.repeated }
  }

  /** A waiver, if the asker may see it. */
  async find(access: Access, id: string): Promise<Waiver | undefined> {
    const waiver = await this.#parts.store.find(id)
    return waiver && mayConcern(waiver.scope, access.confinement) ? this.#shown(waiver) : undefined
  }

  /** Waivers that the asker may see, newest first. */
  async list(access: Access, filter: Omit<WaiverFilter, 'visibleTo'>, page: PageRequest): Promise<Page<Waiver>> {
    const { items, next } = await this.#parts.store.list({ ...filter, visibleTo: access.confinement }, page, this.#now())
    return { items: items.map((waiver) => this.#shown(waiver)), next }
  }

  /**
   * One person's vote for a waiver that somebody else requested.
   * @returns undefined if there is none that the approver may see
   * @throws {AppError} `person_required`, `own_waiver`, `outside_confinement`, or what the store throws
   */
  async approve(access: Access, id: string, comment: string | undefined, requestId: string): Promise<Waiver | undefined> {
    const waiver = await this.find(access, id)
    if (!waiver) return undefined
    const person = requirePerson(access, 'approve a waiver')
    requireCovered(access, waiver)
    const { requestedBy } = waiver
    if (!areIndependent(access, { principal: requestedBy, issuerIds: requestedBy.owners })) throw ownWaiver('requester')
    const by = { id: access.principal.id, name: access.principal.name, owners: ownersOf(access), person }
    const approval = { by, at: this.#now(), comment: comment === undefined ? null : readText('comment', comment) }
    return this.#shown(await this.#parts.store.approve({ id, approval, requestId }))
  }

  /**
   * Turns a request down, for good.
   * @returns undefined if there is none that the asker may see
   * @throws {AppError} `person_required`, `outside_confinement`, `waiver_text_invalid`, or what the store throws
   */
  async reject(access: Access, id: string, reason: string, requestId: string): Promise<Waiver | undefined> {
    const waiver = await this.find(access, id)
    if (!waiver) return undefined
    requirePerson(access, 'reject a waiver')
    requireCovered(access, waiver)
    return this.#shown(await this.#parts.store.reject({ id, end: this.#end(access, reason), requestId }))
  }

  /**
   * Takes back a request of one's own.
   * @returns undefined if there is none that the asker may see
   * @throws {AppError} `foreign_waiver`, `waiver_text_invalid`, or what the store throws
   */
  async withdraw(access: Access, id: string, reason: string, requestId: string): Promise<Waiver | undefined> {
    const waiver = await this.find(access, id)
    if (!waiver) return undefined
    if (waiver.requestedBy.id !== access.principal.id) throw foreignWaiver(waiver.requestedBy.name)
    return this.#shown(await this.#parts.store.reject({ id, end: this.#end(access, reason), requestId }))
  }

  /**
   * Takes a waiver back: it counts no more, and what rests on it is void. Anybody who may approve can, a program too: it only tightens.
   * @returns undefined if there is none that the asker may see
   * @throws {AppError} `outside_confinement`, `waiver_text_invalid`, or what the store throws
   */
  async revoke(access: Access, id: string, reason: string, requestId: string): Promise<Waiver | undefined> {
    const waiver = await this.find(access, id)
    if (!waiver) return undefined
    requireCovered(access, waiver)
    return this.#shown(await this.#parts.store.revoke({ id, end: this.#end(access, reason), requestId }))
  }

  /** How many there are now. */
  counts(): Promise<WaiverCounts> {
    return this.#parts.store.counts(this.#now(), formatInstant(this.#parts.clock.now() + SOON_DAYS * DAY_MS))
  }

  async #warnings({ scope: { rule } }: Waiver, { confinement }: Access): Promise<string[]> {
    return (await this.#parts.isKnownRule(rule, confinement))
      ? []
      : [`No version of a pack that you may see reports ${rule}: look for a slip of the pen.`]
  }

  #end(access: Access, reason: string): WaiverEnd {
    const { principal, person } = access
    const by = { id: principal.id, name: principal.name, owners: ownersOf(access), person }
    return { by, at: this.#now(), reason: readText('reason', reason) }
  }

  #readExpiry(text: string, now: number): string {
    const { maxDays } = this.#parts
    const at = parseInstant(text)
    const remedy = `Write a time like ${formatInstant(now + DAY_MS)}, within ${maxDays} days.`
    const invalid = (what: string) => new AppError<WaiverErrorCode>('waiver_expiry_invalid', what, { field: 'body.expiresAt', remedy })
    if (at === undefined) throw invalid('The expiry is not RFC 3339 with an offset.')
    if (at <= now) throw invalid('The expiry has passed.')
    if (at > now + maxDays * DAY_MS) throw invalid(`The expiry is more than ${maxDays} days away.`)
    return formatInstant(at)
  }

  #shown(waiver: Waiver): Waiver {
    return { ...waiver, state: stateAt(waiver, this.#parts.clock.now()) }
  }

  #now(): string {
    return formatInstant(this.#parts.clock.now())
  }
}

/** Whoever decides about a waiver must be able to speak for all that it could let pass. */
function requireCovered({ confinement }: Access, { scope }: Waiver): void {
  if (isWithin(scope, confinement)) return
  const { repositories = [], environments = [], stages = [] } = confinement
  throw outsideConfinement('path.id', 'all that this waiver is about', [...repositories, ...environments, ...stages])
}

function readText(field: 'reason' | 'comment', text: string): string {
  if (isFreeText(text, MAX_TEXT)) return text
  throw new AppError<WaiverErrorCode>('waiver_text_invalid', `The ${field} is empty, too long or has control characters.`, {
    field: `body.${field}`,
    remedy: `Write 1 to ${MAX_TEXT} characters on one line.`,
  })
}
