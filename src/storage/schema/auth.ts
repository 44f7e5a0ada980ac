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

/** Which groups a principal is in; they stand in its record too. */
export interface PrincipalGroupTable {
  name: string
  principal_id: string
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

/** When somebody last logged in at a provider, and as what. */
export interface LoginTable {
  principal_id: string
  provider: string
  /** JSON of the standing. */
  record: string
}

export interface TokenTable {
  no: Generated<number>
  id: string
  hash: string
  principal_id: string
  kind: string
  family_id: string
  /** Id of the credential that it was issued with; null for what the service made itself. */
  issued_with: string | null
  /** This and the following times: RFC 3339 UTC with milliseconds, so that they compare as text. */
  created_at: string
  expires_at: string | null
  superseded_by: string | null
  overlap_until: string | null
  revoked_at: string | null
  last_used_at: string | null
  /** 1 for one that may do everything. */
  admin: number
  /** JSON of the token; the columns of what changes count, not what it says of them. */
  record: string
}
