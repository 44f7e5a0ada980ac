/**
 * Signature algorithms that an issuer may be trusted with (RFC 7518, section 3.1; RFC 8037; RFC 9864). Asymmetric ones only: with `HS256` a
 * public key would pass for a secret, and `none` signs nothing.
 */
export const JWT_ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'] as const

export type JwtAlgorithm = (typeof JWT_ALGORITHMS)[number]

/** Where the public keys of an issuer come from. */
export type KeySource =
  /** `ISSUER/.well-known/openid-configuration`; its `jwks_uri` must lie on the issuer's origin or on one of these. */
  | { discovery: { jwksOrigins?: readonly string[] } }
  | { jwksUri: string }
  /** A JSON Web Key Set (RFC 7517, section 5) as it is, for issuers that can't be reached. */
  | { jwks: { readonly keys: readonly object[] } }
  /** The plain name of a file with a JSON Web Key Set in the directory for issuers' files. */
  | { jwksFile: string }

/** What verifying a token needs to know of who issued it. Set by an administrator. */
export interface JwtIssuer {
  /** Of our resource. */
  name: string
  /** The `iss` claim, exactly; no two issuers have the same. */
  issuer: string
  /** At least one; the `aud` claim must name one of them exactly. */
  audiences: readonly string[]
  algorithms: readonly JwtAlgorithm[]
  keys: KeySource
  /** How far the issuer's clock may differ, in milliseconds; more than five minutes count as five. */
  clockSkewMs: number
  /** Longest time from `iat` to `exp` in milliseconds. */
  maxLifetimeMs: number
  /** `once`: each token (`jti`) counts for one request. */
  replay: 'allowed' | 'once'
}

/** Names and values of claims. It has no prototype, so that a claim is there only if the token has it. */
export type JwtClaims = Readonly<Record<string, unknown>>

/** A token whose signature, audience and times are right. Nothing is said yet about what its holder may do. */
export interface VerifiedJwt {
  issuer: JwtIssuer
  algorithm: JwtAlgorithm
  keyId: string | undefined
  /** Not empty. */
  subject: string
  claims: JwtClaims
  /** Milliseconds since the epoch: the `exp` claim, without skew. */
  expiresAt: number
}
