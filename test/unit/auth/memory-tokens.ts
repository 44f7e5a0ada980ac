import { Authenticator, type AuthenticatorParts } from '../../../src/auth/authenticator.ts'
import { principalChangedEntry, tokenRevokedEntry } from '../../../src/auth/entries.ts'
import { LoginDamper } from '../../../src/auth/login-damper.ts'
import type {
  EntryAppender,
  PrincipalFields,
  Rotation,
  RotationOutcome,
  TokenFilter,
  TokenRecord,
  TokenStore,
  TokenTally,
} from '../../../src/auth/ports.ts'
import { stateOf } from '../../../src/auth/token-state.ts'
import { AppError } from '../../../src/core/app-error.ts'
import type { Clock } from '../../../src/core/clock.ts'
import type { ClaimedResource, IdempotencyClaim, IdempotencyReader } from '../../../src/core/idempotency.ts'
import type { Cause, EntryDraft } from '../../../src/core/log-entry.ts'
import type { Page, PageRequest } from '../../../src/core/page.ts'
import type { Access, Confinement, Principal, Scope } from '../../../src/core/principal.ts'

/** A clock that stands still until it is moved. */
export class TestClock implements Clock {
  at = Date.parse('2026-05-01T12:00:00.000Z')

  now(): number {
    return this.at
  }

  advance(ms: number): void {
    this.at += ms
  }
}

export const DAY = 24 * 60 * 60 * 1000

/** Tokens, principals, claims and log entries in memory. */
export class MemoryTokens implements TokenStore, IdempotencyReader, EntryAppender {
  readonly tokens = new Map<string, TokenRecord>()
  readonly people = new Map<string, Principal>()
  readonly entries: EntryDraft[] = []
  readonly claims = new Map<string, ClaimedResource>()
  reads = 0
  failure: Error | undefined
  #revision = 1

  async revision(): Promise<number> {
    return this.#revision
  }

  async findByHash(hash: string): Promise<{ token: TokenRecord; principal: Principal } | undefined> {
    this.reads++
    const token = [...this.tokens.values()].find((candidate) => candidate.hash === hash)
    const principal = token && this.people.get(token.principalId)
    return principal && { token, principal }
  }

  async find(id: string): Promise<TokenRecord | undefined> {
    return this.tokens.get(id)
  }

  async givenHashes(): Promise<string[]> {
    return [...this.tokens.values()].filter(({ issuedWith }) => issuedWith === null).map(({ hash }) => hash)
  }

  async list({ principalId, familyId, kind, state }: TokenFilter, page: PageRequest): Promise<Page<TokenRecord>> {
    const all = [...this.tokens.values()].filter(
      (token) =>
        (principalId === undefined || token.principalId === principalId) &&
        (familyId === undefined || token.familyId === familyId) &&
        (kind === undefined || token.kind === kind) &&
        (state === undefined || stateOf(token, Date.parse(state.at)) === state.name),
    )
    const start = Number(page.after ?? 0)
    const end = start + page.limit
    return { items: all.slice(start, end), next: end < all.length ? String(end) : null }
  }

  async tally(): Promise<TokenTally> {
    this.#failIfTold()
    this.reads++
    return { active: this.tokens.size, expiring: [1, 2, 3], unused: [4, 5] }
  }

  async create(token: TokenRecord, entry: EntryDraft, idempotency?: IdempotencyClaim): Promise<void> {
    this.#failIfTold()
    this.#claim(token.id, idempotency)
    this.tokens.set(token.id, token)
    this.#changed(entry)
  }

  async revoke(id: string, cause: Cause, issued: boolean): Promise<boolean> {
    if (!this.tokens.has(id)) return false
    for (const token of this.#doomed(id, issued)) {
      if (token.revokedAt !== null) continue
      const revoked = { ...token, revokedAt: cause.at }
      this.tokens.set(token.id, revoked)
      this.#changed(tokenRevokedEntry(revoked, cause, id))
    }
    return true
  }

  async rotate({ id, successor, overlapUntil, entries }: Rotation, idempotency?: IdempotencyClaim): Promise<RotationOutcome> {
    const token = this.tokens.get(id)
    if (!token) return 'unknown'
    if (token.revokedAt !== null) return 'revoked'
    if (token.supersededBy !== null) return 'superseded'
    this.#claim(successor.id, idempotency)
    this.tokens.set(id, { ...token, supersededBy: successor.id, overlapUntil })
    this.tokens.set(successor.id, successor)
    this.#changed(entries.superseded, entries.issued)
    return 'rotated'
  }

  async touch(uses: ReadonlyMap<string, string>): Promise<void> {
    this.#failIfTold()
    for (const [id, at] of uses) {
      const token = this.tokens.get(id)
      if (token) this.tokens.set(id, { ...token, lastUsedAt: at })
    }
  }

  async principal(idOrName: string): Promise<Principal | undefined> {
    return this.people.get(idOrName) ?? [...this.people.values()].find(({ name }) => name === idOrName)
  }

  async principals(page: PageRequest): Promise<Page<Principal>> {
    return { items: [...this.people.values()].slice(0, page.limit), next: null }
  }

  async putPrincipal(fields: PrincipalFields, cause: Cause): Promise<{ principal: Principal; created: boolean }> {
    const known = this.people.get(fields.id)
    const principal: Principal = { ...fields, identities: known?.identities ?? [] }
    this.people.set(principal.id, principal)
    this.#changed(principalChangedEntry(principal, cause))
    return { principal, created: known === undefined }
  }

  async claimed(claim: Pick<IdempotencyClaim, 'principalId' | 'method' | 'path' | 'key'>): Promise<ClaimedResource | undefined> {
    return this.claims.get(claimKey(claim))
  }

  async append(entries: readonly EntryDraft[]): Promise<void> {
    this.#failIfTold()
    this.entries.push(...entries)
  }

  #claim(resourceId: string, idempotency: IdempotencyClaim | undefined): void {
    const key = idempotency && claimKey(idempotency)
    if (key === undefined) return
    if (this.claims.has(key)) throw new AppError('idempotency_repeated', 'The same request was carried out a moment ago.')
    this.claims.set(key, { resourceId, fingerprint: idempotency?.fingerprint ?? '', sealed: idempotency?.sealed })
  }

  #doomed(id: string, issued: boolean): TokenRecord[] {
    const all = [...this.tokens.values()]
    const families = new Set([this.tokens.get(id)?.familyId])
    let known = issued ? -1 : families.size
    while (families.size > known) {
      known = families.size
      const members = new Set(all.filter(({ familyId }) => families.has(familyId)).map((token) => token.id))
      for (const { issuedWith, familyId } of all) if (issuedWith && members.has(issuedWith.id)) families.add(familyId)
    }
    return all.filter(({ familyId }) => families.has(familyId))
  }

  #changed(...entries: EntryDraft[]): void {
    this.#revision++
    this.entries.push(...entries)
  }

  #failIfTold(): void {
    if (this.failure) throw this.failure
  }
}

function claimKey({ principalId, method, path, key }: Pick<IdempotencyClaim, 'principalId' | 'method' | 'path' | 'key'>): string {
  return JSON.stringify([principalId, method, path, key])
}

export const WORKER: Principal = {
  ...{ id: '0196a000-0000-7000-8000-000000000001', name: 'ci', kind: 'workload', disabled: false, groups: [], identities: [] },
  createdBy: '0196a000-0000-7000-8000-0000000000ee',
}

export const ANN: Principal = {
  ...{ id: '0196a000-0000-7000-8000-000000000002', name: 'ann', kind: 'human', disabled: false, groups: ['dev'], identities: [] },
  createdBy: 'system',
}

/** An authenticator over a store in memory; what it refuses is logged nowhere unless told. */
export function authenticatorOf(store: MemoryTokens, clock: Clock, parts: Partial<AuthenticatorParts> = {}): Authenticator {
  const refusals = { login: (): void => undefined }
  const onFailure = (error: unknown): void => {
    throw error
  }
  return new Authenticator({ store, clock, damper: new LoginDamper(), refusals, onFailure, ...parts })
}

/** What a token of Ann's with these scopes and limits may do. */
export function accessOf(scopes: readonly Scope[], confinement: Confinement = {}): Access {
  return {
    principal: ANN,
    credential: { kind: 'token', id: '0196a000-0000-7000-8000-000000000003' },
    issuerIds: ['system'],
    person: 'declared',
    identity: null,
    scopes: new Set(scopes),
    confinement,
    expiresAt: null,
  }
}
