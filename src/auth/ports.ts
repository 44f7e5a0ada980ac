import type { IdempotencyClaim } from '../core/idempotency.ts'
import type { IdentityName, LinkedIdentity } from '../core/linked-identity.ts'
import type { Cause, EntryDraft } from '../core/log-entry.ts'
import type { Page, PageRequest } from '../core/page.ts'
import type { People } from '../core/people.ts'
import type { Confinement, Credential, Principal, Role, Scope } from '../core/principal.ts'

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
  /** Id of the first token of the family: tokens that replaced one another. */
  familyId: string
  /** What it was issued with; null for what the service made by itself. */
  issuedWith: Credential | null
  /** Of a session or a personal token: name of the issuer at which its owner logged in, on which its rights rest. */
  login: string | null
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
  /** Id of the token that replaced it. */
  supersededBy: string | null
  /** Until when it works beside that one. */
  overlapUntil: string | null
  revokedAt: string | null
  lastUsedAt: string | null
}

/** `superseded` from the moment that there is a successor, also while the token still works beside it. */
export type TokenState = 'active' | 'superseded' | 'expired' | 'revoked'

/** Which tokens a list holds; all conditions must hold. */
export interface TokenFilter {
  principalId?: string
  familyId?: string
  kind?: TokenKind
  /** Their state at this time. */
  state?: { name: TokenState; at: string }
  /** RFC 3339 in UTC, exclusive; tokens without end never match. */
  expiresBefore?: string
  /** RFC 3339 in UTC: not used at or after it. One that was never used counts from its making. */
  unusedSince?: string
  /** Whose they are. */
  people?: People
}

/** One token takes the place of another. */
export interface Rotation {
  id: string
  successor: TokenRecord
  /** RFC 3339: how long the old one works beside it. */
  overlapUntil: string
  entries: { superseded: EntryDraft; issued: EntryDraft }
}

/** What became of a rotation: done, or why nothing was written. */
export type RotationOutcome = 'rotated' | 'superseded' | 'revoked' | 'unknown'

/** How many active tokens there are (logins aside), in all and by what was asked of them. */
export interface TokenTally {
  active: number
  expiring: readonly number[]
  unused: readonly number[]
}

/** Keeps principals and tokens. Reads see every committed write. */
export interface TokenStore {
  /** Grows with every committed change of tokens and principals (last uses aside). */
  revision(): Promise<number>
  findByHash(hash: string): Promise<{ token: TokenRecord; principal: Principal } | undefined>
  find(id: string): Promise<TokenRecord | undefined>
  /** Hashes of the few tokens that the service did not issue to anybody: their text may have any form. */
  givenHashes(): Promise<readonly string[]>
  list(filter: TokenFilter, page: PageRequest): Promise<Page<TokenRecord>>
  /** @param at RFC 3339 @param expiresBefore @param unusedSince times as in `TokenFilter`, each counted by itself */
  tally(at: string, expiresBefore: readonly string[], unusedSince: readonly string[]): Promise<TokenTally>
  /**
   * Rejects and writes nothing if the idempotency key is claimed: the caller then looks up what the earlier request made. Rejects with
   * `credential_ended` if the token that it is issued with was revoked or ran out of its overlap meanwhile.
   */
  create(token: TokenRecord, entry: EntryDraft, idempotency?: IdempotencyClaim): Promise<void>
  /**
   * Revokes the family of a token, each with an entry; to do so again changes nothing. False if there is no such token.
   * @param issued also revokes whatever was issued with any of them, and with that, and so on
   */
  revoke(id: string, cause: Cause, issued: boolean): Promise<boolean>
  /** Notes the successor and creates it, in one transaction. Rejects as `create` does. */
  rotate(rotation: Rotation, idempotency?: IdempotencyClaim): Promise<RotationOutcome>
  /** Notes last uses; no log entry. */
  touch(uses: ReadonlyMap<string, string>): Promise<void>
  principal(idOrName: string): Promise<Principal | undefined>
  /** @param people of whom they are; without it all */
  principals(page: PageRequest, people?: People): Promise<Page<Principal>>
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
