import type { IdempotencyClaim } from '../core/idempotency.ts'
import type { IdentityName, LinkedIdentity } from '../core/linked-identity.ts'
import type { Cause, EntryDraft } from '../core/log-entry.ts'
import type { Page, PageRequest } from '../core/page.ts'
import type { Confinement, Principal, Role, Scope } from '../core/principal.ts'

/** What a token is: handed out, made by a person for itself in a login, or such a login itself. */
export type TokenKind = 'token' | 'personal' | 'session'

/** A token as it is kept: never the secret, only its SHA-256. */
export interface TokenRecord {
  id: string
  /** SHA-256 of the token text, hex. */
  hash: string
  /** The first characters of the token, to recognise it in lists. */
  hint: string
  description: string
  principalId: string
  kind: TokenKind
  /** Principal who made it. */
  createdBy: string
  /** Everybody through whose hands it went: who made it, who made the one that it was made with, and so on (see `Access.issuerIds`). */
  issuerIds: readonly string[]
  /** Of a human's: whether it was made in a login of its own owner. */
  person: 'proven' | 'declared' | null
  roles: readonly Role[]
  scopes: readonly Scope[]
  confinement: Confinement
  createdAt: string
  expiresAt: string | null
  revokedAt: string | null
  lastUsedAt: string | null
}

/** Keeps principals and tokens. Reads see every committed write. */
export interface TokenStore {
  /** Grows with every committed change of tokens and principals (last uses aside). */
  revision(): Promise<number>
  findByHash(hash: string): Promise<{ token: TokenRecord; principal: Principal } | undefined>
  find(id: string): Promise<TokenRecord | undefined>
  list(filter: { principalId?: string }, page: PageRequest): Promise<Page<TokenRecord>>
  /** Rejects and writes nothing if the idempotency key is claimed: the caller then looks up what the earlier request made. */
  create(token: TokenRecord, entry: EntryDraft, idempotency?: IdempotencyClaim): Promise<void>
  /** Sets `revokedAt` unless set; false if there is no such token. */
  revoke(id: string, at: string, entry: EntryDraft): Promise<boolean>
  /** Revokes the old token and creates its successor in one transaction; false if the old one is missing or revoked. */
  rotate(id: string, at: string, successor: TokenRecord, entries: readonly EntryDraft[]): Promise<boolean>
  /** Notes last uses; no log entry. */
  touch(uses: ReadonlyMap<string, string>): Promise<void>
  principal(idOrName: string): Promise<Principal | undefined>
  principals(page: PageRequest): Promise<Page<Principal>>
  /** Creates or replaces what an admin says of a principal; the identities of one that exists stay. */
  putPrincipal(principal: PrincipalFields, cause: Cause): Promise<{ principal: Principal; created: boolean }>
}

/** A principal without what is linked to it by other ways. */
export type PrincipalFields = Omit<Principal, 'identities'>

/** Keeps which identities are whose. */
export interface IdentityStore {
  /** The principal whose identity it is. */
  holder(identity: IdentityName): Promise<Principal | undefined>
  /**
   * Links an identity to a principal; one that it has already is replaced.
   * @throws {AppError} `identity_taken` if it is another's, `identities_too_many`, or `principal_unknown`
   */
  link(principalId: string, identity: LinkedIdentity, cause: Cause): Promise<{ identity: LinkedIdentity; created: boolean }>
  /** @returns false if the principal has no such identity */
  unlink(principalId: string, identity: IdentityName, cause: Cause): Promise<boolean>
}

/** Tells who has, or lately had, a token or a login that gives everything (see `second-person.ts`). */
export interface AdministratorReader {
  /** @param at RFC 3339 */
  isAdministrator(principalId: string, at: string): Promise<boolean>
}

/** Appends facts that change nothing else: refused logins, start and stop. */
export interface EntryAppender {
  append(entries: readonly EntryDraft[]): Promise<void>
}
