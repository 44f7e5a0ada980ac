import { AppError } from '../core/app-error.ts'
import type { Clock } from '../core/clock.ts'
import type { IdempotencyClaim, IdempotencyErrorCode, IdempotencyReader } from '../core/idempotency.ts'
import { newId } from '../core/id.ts'
import type { Page, PageRequest } from '../core/page.ts'
import { ownersOf, type Access, type Principal } from '../core/principal.ts'
import { formatInstant, parseInstant } from '../core/time.ts'
import { requireMayActFor, requireRightsWithin } from './authorize.ts'
import { tokenIssuedEntry, tokenRevokedEntry } from './entries.ts'
import { tokenInvalid, type AuthErrorCode } from './errors.ts'
import type { TokenRecord, TokenStore } from './ports.ts'
import { openSecret, sealSecret } from './sealed-secret.ts'
import { checkDraft, type TokenDraft } from './token-draft.ts'
import { hashToken, hintOf, makeToken } from './token.ts'

/** Where an order to issue a token comes from. */
export interface IssueMeta {
  requestId: string
  idempotency: IdempotencyClaim | undefined
  /** The asker's own token: a repeat of the same request opens the first answer with it. */
  credential: string
}

/** A token's record with its text, which is shown once. */
export interface IssuedToken {
  record: TokenRecord
  token: string
}

export interface TokenServiceParts {
  store: Pick<TokenStore, 'find' | 'list' | 'create' | 'revoke' | 'rotate' | 'principal'>
  claims: IdempotencyReader
  clock: Clock
}

const DAY_MS = 24 * 60 * 60 * 1000
const DEFAULT_DAYS = 90
const MAX_DAYS = 366

/** Issues, replaces and revokes tokens. */
export class TokenService {
  readonly #parts: TokenServiceParts

  constructor(parts: TokenServiceParts) {
    this.#parts = parts
  }

  /**
   * Issues a token that may do no more than its issuer; a repeat under the same Idempotency-Key and credential gives the same one.
   * @throws {AppError} `token_invalid`, `principal_unknown`, `principal_foreign`, `scope_missing`, `outside_confinement` or
   *   `idempotency_key_reused`
   */
  async issue(access: Access, draft: TokenDraft, meta: IssueMeta): Promise<IssuedToken & { created: boolean }> {
    const earlier = await this.#issuedEarlier(meta)
    if (earlier) return { ...earlier, created: false }
    const { record, token } = await this.#draftToken(access, draft)
    const cause = { actor: access.principal.id, at: record.createdAt, requestId: meta.requestId }
    const claim = meta.idempotency && { ...meta.idempotency, sealed: sealSecret(token, meta.credential, meta.idempotency) }
    try {
      await this.#parts.store.create(record, tokenIssuedEntry(record, cause), claim)
      return { record, token, created: true }
    } catch (error) {
      // The same request may have been faster on another connection or replica; then its token is the answer.
      const winner = await this.#issuedEarlier(meta)
      if (winner) return { ...winner, created: false }
      throw error
    }
  }

  find(id: string): Promise<TokenRecord | undefined> {
    return this.#parts.store.find(id)
  }

  /** One page of tokens, those of one principal if it is named (name or id). */
  async list(filter: { principal?: string }, page: PageRequest): Promise<Page<TokenRecord>> {
    if (filter.principal === undefined) return this.#parts.store.list({}, page)
    const principal = await this.#parts.store.principal(filter.principal)
    return principal ? this.#parts.store.list({ principalId: principal.id }, page) : { items: [], next: null }
  }

  /**
   * Revokes a token; to do so again changes nothing.
   * @returns false if there is none
   * @throws {AppError} `outside_confinement` or `scope_missing` if it may do more than the asker's own
   */
  async revoke(access: Access, id: string, requestId: string): Promise<boolean> {
    const token = await this.#parts.store.find(id)
    if (!token) return false
    requireRightsWithin(access, token)
    if (token.revokedAt !== null) return true
    const cause = { actor: access.principal.id, at: this.#now(), requestId }
    return this.#parts.store.revoke(id, cause.at, tokenRevokedEntry(token, cause))
  }

  /**
   * Revokes a token and issues its successor: same owner, maker, rights and length of life, new text.
   * @returns undefined if there is none, or it is revoked already
   * @throws {AppError} `outside_confinement`, `scope_missing` or `principal_foreign`: whoever rotates a token gets to know the successor
   */
  async rotate(access: Access, id: string, requestId: string): Promise<IssuedToken | undefined> {
    const old = await this.#parts.store.find(id)
    if (!old || old.revokedAt !== null) return undefined
    requireRightsWithin(access, old)
    requireMayActFor(access, await this.#principal(old.principalId))
    const cause = { actor: access.principal.id, at: this.#now(), requestId }
    const token = makeToken()
    const record: TokenRecord = {
      ...old,
      id: newId(),
      hash: hashToken(token),
      hint: hintOf(token),
      // Whoever rotates a token gets to know its successor.
      issuerIds: [...new Set([...old.issuerIds, ...ownersOf(access)])],
      createdAt: cause.at,
      expiresAt: renewedExpiry(old, this.#parts.clock.now()),
      lastUsedAt: null,
    }
    const entries = [tokenRevokedEntry(old, cause), tokenIssuedEntry(record, cause, old.id)]
    return (await this.#parts.store.rotate(id, cause.at, record, entries)) ? { record, token } : undefined
  }

  async #draftToken(access: Access, draft: TokenDraft): Promise<IssuedToken> {
    checkDraft(draft)
    requireRightsWithin(access, draft)
    const principal = await this.#principal(draft.principal)
    requireMayActFor(access, principal)
    const now = this.#parts.clock.now()
    const token = makeToken()
    const record: TokenRecord = {
      id: newId(),
      hash: hashToken(token),
      hint: hintOf(token),
      description: draft.description,
      principalId: principal.id,
      kind: 'token',
      createdBy: access.principal.id,
      issuerIds: [...ownersOf(access)],
      person: personOf(access, principal),
      roles: [...new Set(draft.roles)],
      scopes: [...new Set(draft.scopes)],
      confinement: draft.confinement,
      createdAt: formatInstant(now),
      expiresAt: readExpiry(draft, now),
      revokedAt: null,
      lastUsedAt: null,
    }
    return { record, token }
  }

  async #principal(idOrName: string): Promise<Principal> {
    const principal = await this.#parts.store.principal(idOrName)
    if (principal) return principal
    throw new AppError<AuthErrorCode>('principal_unknown', `There is no principal "${idOrName.slice(0, 80)}".`, {
      field: 'body.principal',
      remedy: 'Create it first: PUT /v1/principals/NAME.',
    })
  }

  async #issuedEarlier({ idempotency, credential }: IssueMeta): Promise<IssuedToken | undefined> {
    const claimed = idempotency && (await this.#parts.claims.claimed(idempotency))
    if (!claimed) return undefined
    if (claimed.fingerprint !== idempotency.fingerprint) throw keyReused('This Idempotency-Key was used for another request.')
    const record = await this.#parts.store.find(claimed.resourceId)
    const token = claimed.sealed === undefined ? undefined : openSecret(claimed.sealed, credential, idempotency)
    if (!record || token === undefined) throw keyReused('The token was issued to another credential, which alone can be shown it again.')
    return { record, token }
  }

  #now(): string {
    return formatInstant(this.#parts.clock.now())
  }
}

/** Only who proved to be a person can make a token that proves the same, and only for itself. */
function personOf(access: Access, principal: Principal): TokenRecord['person'] {
  if (principal.kind !== 'human') return null
  return access.person === 'proven' && access.principal.id === principal.id ? 'proven' : 'declared'
}

/** @param now milliseconds since the epoch */
function readExpiry({ expiresAt, roles }: TokenDraft, now: number): string | null {
  if (expiresAt === null) return roles.includes('admin') ? null : formatInstant(now + DEFAULT_DAYS * DAY_MS)
  const at = parseInstant(expiresAt)
  if (at !== undefined && at > now && at <= now + MAX_DAYS * DAY_MS) return formatInstant(at)
  throw tokenInvalid(
    'expiresAt',
    'The token would expire in the past, or after more than a year.',
    'Choose an RFC 3339 time within a year.',
  )
}

function renewedExpiry({ createdAt, expiresAt }: TokenRecord, now: number): string | null {
  if (expiresAt === null) return null
  const lifetime = (parseInstant(expiresAt) ?? 0) - (parseInstant(createdAt) ?? 0)
  return formatInstant(now + Math.min(Math.max(lifetime, 0), MAX_DAYS * DAY_MS))
}

function keyReused(message: string): AppError<IdempotencyErrorCode> {
  return new AppError('idempotency_key_reused', message, {
    field: 'header.Idempotency-Key',
    remedy: 'Use a new key; revoke the token that the first request made if nobody has it.',
  })
}
