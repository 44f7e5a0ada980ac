import type { Generated } from 'kysely'

export interface PrincipalTable {
  no: Generated<number>
  id: string
  name: string
  /** RFC 3339 UTC: the last login, if it gave everything; null if it gave less. */
  admin_login_at: string | null
  /** JSON of the principal. */
  record: string
}

/** Whose an identity is; what it says stands in the principal's record. */
export interface IdentityTable {
  kind: string
  /** See `identityKey`. */
  key: string
  principal_id: string
}

/** JWTs that were used and count once. */
export interface UsedJwtTable {
  /** SHA-256 of issuer and `jti`, hex. */
  id: string
  /** Milliseconds since the epoch: when such a token is refused anyway. */
  until: number
}

export interface TokenTable {
  no: Generated<number>
  id: string
  hash: string
  principal_id: string
  revoked_at: string | null
  last_used_at: string | null
  /** 1 for one that may do everything. */
  admin: number
  /** JSON of the token without the two times above. */
  record: string
}
