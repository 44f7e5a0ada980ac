import { AppError } from '../core/app-error.ts'
import type { Clock } from '../core/clock.ts'
import { newId } from '../core/id.ts'
import type { IdempotencyReader } from '../core/idempotency.ts'
import type { Cause } from '../core/log-entry.ts'
import type { Page, PageRequest } from '../core/page.ts'
import { ownersOf, type Access, type Principal } from '../core/principal.ts'
import { formatInstant, parseInstant } from '../core/time.ts'
import { isOwnToken, requireEndWithin, requireMayActFor, requireRightsWithin, requireScope, requireUnconfined } from './authorize.ts'
import { tokenIssuedEntry, tokenSupersededEntry } from './entries.ts'
import { tokenInvalid, type AuthErrorCode } from './errors.ts'
import { onceIssued, sealedClaim, type IssuedToken, type IssueMeta } from './issue-once.ts'
import type { Rotation, TokenFilter, TokenRecord, TokenState, TokenStore } from './ports.ts'
import { personOf } from './person-of.ts'
import { isPersonal, personalEnd } from './personal-token.ts'
import { checkDraft, type TokenDraft } from './token-draft.ts'
import { ended, overlapEnd, requireMayRotate, requireReplaceable, successorOf, superseded } from './token-rotation.ts'
import { hashToken, hintOf, makeToken } from './token.ts'

/** What a list of tokens is asked for. */
export interface TokenQuery extends Omit<TokenFilter, 'principalId' | 'state'> {
  /** Name or id; `self` for the asker's own. */
  principal?: string
  state?: TokenState
}

export interface TokenServiceParts {
  store: Pick<TokenStore, 'find' | 'list' | 'create' | 'revoke' | 'rotate' | 'principal'>
  claims: IdempotencyReader
  clock: Clock
  /** Days that a personal token may last. */
  personalMaxDays: number
}

const DAY_MS = 24 * 60 * 60 * 1000
const DEFAULT_DAYS = 90
const MAX_DAYS = 366

/** Issues, shows, replaces and revokes tokens. */
export class TokenService {
  readonly #parts: TokenServiceParts

  constructor(parts: TokenServiceParts) {
    this.#parts = parts
  }

  /**
   * Issues a token that may do no more than what it is issued with, and lasts no longer; what a person makes for itself in a login is a
   * personal token. A repeat under the same Idempotency-Key and credential gives the same one.
   * @throws {AppError} `token_invalid`, `token_outlives`, `principal_unknown`, `principal_foreign`, `scope_missing`,
   *   `outside_confinement` or `idempotency_key_reused`
   */
  issue(access: Access, draft: TokenDraft, meta: IssueMeta): Promise<IssuedToken & { created: boolean }> {
    return onceIssued(this.#parts, meta, async () => {
      const { record, token } = await this.#draftToken(access, draft)
      const entry = tokenIssuedEntry(record, { actor: access.principal.id, at: record.createdAt, requestId: meta.requestId })
      await this.#parts.store.create(record, entry, sealedClaim(token, meta))
      return { record, token }
    })
  }

  /**
   * A token of the asker's own, or any for who manages tokens.
   * @throws {AppError} `scope_missing` or `outside_confinement`, whether or not there is one
   */
  async find(access: Access, id: string): Promise<TokenRecord | undefined> {
    const token = await this.#parts.store.find(id)
    if (token && isOwnToken(access, token)) return token
    requireManages(access)
    return token
  }

  /**
   * One page of tokens: the asker's own (of which a confined credential sees some, so a page may hold fewer), or any for who manages tokens.
   * @throws {AppError} `scope_missing` or `outside_confinement`
   */
  async list(access: Access, { principal: named, state, ...rest }: TokenQuery, page: PageRequest): Promise<Page<TokenRecord>> {
    const filter = { ...rest, ...(state !== undefined && { state: { name: state, at: this.#now() } }) }
    if (named === 'self') {
      const { items, next } = await this.#parts.store.list({ ...filter, principalId: access.principal.id }, page)
      return { items: items.filter((token) => isOwnToken(access, token)), next }
    }
    requireManages(access)
    if (named === undefined) return this.#parts.store.list(filter, page)
    const principal = await this.#parts.store.principal(named)
    return principal ? this.#parts.store.list({ ...filter, principalId: principal.id }, page) : { items: [], next: null }
  }

  /**
   * Revokes a token and its whole family: what it replaced and what replaced it. To do so again changes nothing. People end what is their
   * own, however little they may do by now.
   * @param issued also revokes whatever was issued with any of these, and with that, and so on
   * @returns false if there is none
   * @throws {AppError} `outside_confinement` or `scope_missing` if it may do more than the asker's own
   */
  async revoke(access: Access, id: string, { issued }: { issued: boolean }, requestId: string): Promise<boolean> {
    const token = await this.#parts.store.find(id)
    const own = access.person === 'proven' && token?.principalId === access.principal.id
    if (!own) requireScope(access, 'tokens:manage')
    if (!token) return false
    // Whatever belongs to it may do no more than it, so this covers all of them.
    if (!own) requireRightsWithin(access, token)
    return this.#parts.store.revoke(id, this.#cause(access, requestId), issued)
  }

  /**
   * Issues the successor of a token: same owner, maker, rights and end, new text. The old one works beside it for a while; a repeat under the
   * same Idempotency-Key and credential gives the same successor.
   * @param overlap ISO 8601, `PT0S` for none; undefined for an hour
   * @returns undefined if there is no such token
   * @throws {AppError} `token_not_replaceable`, `token_superseded`, `token_ended`, `token_invalid`, `token_outlives`, `principal_foreign`,
   *   `scope_missing`, `outside_confinement` or `idempotency_key_reused`
   */
  async rotate(
    access: Access,
    id: string,
    overlap: string | undefined,
    meta: IssueMeta,
  ): Promise<(IssuedToken & { created: boolean }) | undefined> {
    const old = await this.#parts.store.find(id)
    if (!old) return undefined
    requireMayRotate(access, old, await this.#principal(old.principalId))
    return onceIssued(this.#parts, meta, async () => {
      requireReplaceable(old, this.#parts.clock.now())
      const token = makeToken()
      const rotation = this.#draftRotation(access, old, token, overlap, meta.requestId)
      const outcome = await this.#parts.store.rotate(rotation, sealedClaim(token, meta))
      if (outcome === 'superseded') throw superseded()
      if (outcome !== 'rotated') throw ended('was revoked')
      return { record: rotation.successor, token }
    })
  }

  #draftRotation(access: Access, old: TokenRecord, token: string, overlap: string | undefined, requestId: string): Rotation {
    const cause = this.#cause(access, requestId)
    const overlapUntil = overlapEnd(old, overlap, this.#parts.clock.now())
    const successor = successorOf(old, access, token, cause.at)
    return {
      id: old.id,
      successor,
      overlapUntil,
      entries: {
        superseded: tokenSupersededEntry({ ...old, supersededBy: successor.id, overlapUntil }, cause),
        issued: tokenIssuedEntry(successor, cause, old.id),
      },
    }
  }

  async #draftToken(access: Access, draft: TokenDraft): Promise<IssuedToken> {
    checkDraft(draft)
    requireRightsWithin(access, draft)
    const principal = await this.#principal(draft.principal)
    requireMayActFor(access, principal)
    const now = this.#parts.clock.now()
    const personal = isPersonal(access, principal)
    if (!personal) requireScope(access, 'tokens:manage')
    const expiresAt = personal ? personalEnd(access, draft.expiresAt, now, this.#parts.personalMaxDays) : readExpiry(access, draft, now)
    const token = makeToken()
    const id = newId()
    const record: TokenRecord = {
      id,
      hash: hashToken(token),
      hint: hintOf(token),
      description: draft.description,
      principalId: principal.id,
      kind: personal ? 'personal' : 'token',
      familyId: id,
      issuedWith: access.credential,
      login: personal ? await this.#loginOf(access) : null,
      createdBy: access.principal.id,
      issuerIds: [...ownersOf(access)],
      person: personOf(access, principal),
      roles: [...new Set(draft.roles)],
      scopes: [...new Set(draft.scopes)],
      confinement: draft.confinement,
      createdAt: formatInstant(now),
      expiresAt,
      supersededBy: null,
      overlapUntil: null,
      revokedAt: null,
      lastUsedAt: null,
    }
    return { record, token }
  }

  /** The login that the asker's own credential rests on. */
  async #loginOf({ credential }: Access): Promise<string | null> {
    return (await this.#parts.store.find(credential.id))?.login ?? null
  }

  async #principal(idOrName: string): Promise<Principal> {
    const principal = await this.#parts.store.principal(idOrName)
    if (principal) return principal
    throw new AppError<AuthErrorCode>('principal_unknown', `There is no principal "${idOrName.slice(0, 80)}".`, {
      field: 'body.principal',
      remedy: 'Create it first: PUT /v1/principals/NAME.',
    })
  }

  #cause(access: Access, requestId: string): Cause {
    return { actor: access.principal.id, at: this.#now(), requestId }
  }

  #now(): string {
    return formatInstant(this.#parts.clock.now())
  }
}

function requireManages(access: Access): void {
  requireScope(access, 'tokens:manage')
  requireUnconfined(access)
}

/**
 * Without a wish 90 days, or no end for administrators, as far as the asker's own end allows.
 * @param now milliseconds since the epoch
 */
function readExpiry(access: Access, { expiresAt, roles }: TokenDraft, now: number): string | null {
  if (expiresAt === null) {
    const wished = roles.includes('admin') ? Number.POSITIVE_INFINITY : now + DEFAULT_DAYS * DAY_MS
    const end = Math.min(wished, access.expiresAt ?? Number.POSITIVE_INFINITY)
    return end === Number.POSITIVE_INFINITY ? null : formatInstant(end)
  }
  const at = parseInstant(expiresAt)
  if (at === undefined || at <= now || at > now + MAX_DAYS * DAY_MS) {
    const message = 'The token would expire in the past, or after more than a year.'
    throw tokenInvalid('expiresAt', message, 'Choose an RFC 3339 time within a year.')
  }
  const end = formatInstant(at)
  requireEndWithin(access, end)
  return end
}
