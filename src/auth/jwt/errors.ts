import { AppError } from '../../core/app-error.ts'

export type JwtErrorCode =
  | 'jwt_malformed'
  | 'jwt_header_refused'
  | 'jwt_algorithm_refused'
  | 'jwt_issuer_unknown'
  | 'jwt_key_unknown'
  | 'jwt_signature_invalid'
  | 'jwt_audience_wrong'
  | 'jwt_expired'
  | 'jwt_not_yet_valid'
  | 'jwt_lifetime_too_long'
  | 'jwt_claim_malformed'
  | 'jwt_replayed'
  | 'issuer_unreachable'

/** What the log of refused logins is told besides the code. */
export interface RefusedJwt {
  /** Name of the issuer's resource, if there is one. */
  issuer?: string | undefined
  /** What the token says that was refused, such as its `iss`. Attacker-controlled: it goes beside the leaf, never into it. */
  claimed?: string | undefined
  /** Seconds after which it may be otherwise. */
  retryAfterSeconds?: number
}

const LONGEST_CLAIMED = 200

/** A token that was refused, or could not be judged. No sentence quotes the token. */
export class JwtError extends AppError<JwtErrorCode> {
  readonly issuer: string | undefined
  readonly claimed: string | undefined

  constructor(code: JwtErrorCode, message: string, { issuer, claimed, retryAfterSeconds }: RefusedJwt = {}) {
    super(code, message, {
      field: 'header.Authorization',
      remedy: REMEDIES[code],
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    })
    this.issuer = issuer
    this.claimed = claimed?.slice(0, LONGEST_CLAIMED).toWellFormed()
  }
}

const REMEDIES: Readonly<Record<JwtErrorCode, string>> = {
  jwt_malformed: 'Send the token exactly as the issuer gave it: a compact JWS of at most 12 KiB.',
  jwt_header_refused: 'Ask the issuer for a plain signed JWT; keys come from the configured issuer, never from the token.',
  jwt_algorithm_refused: 'Let the issuer sign with an algorithm that is configured for it; an administrator sees them at /v1/issuers.',
  jwt_issuer_unknown: 'Compare the token’s iss with the issuers at /v1/issuers: scheme, letter case and a trailing slash count.',
  jwt_key_unknown: 'Get a fresh token; if it happens again, the configured keys are not those that the issuer signs with.',
  jwt_signature_invalid: 'Get a fresh token, and send it unchanged.',
  jwt_audience_wrong: 'Ask the issuer for a token with the audience that is configured for it.',
  jwt_expired: 'Ask the issuer for a fresh token right before the request.',
  jwt_not_yet_valid: 'Compare the clocks of the issuer and of this service.',
  jwt_lifetime_too_long: 'Ask for a token with a shorter lifetime, or let an administrator raise maxLifetime of the issuer.',
  jwt_claim_malformed: 'Ask the issuer for a token whose claims have the types of RFC 7519, section 4.1.',
  jwt_replayed: 'Ask the issuer for a fresh token for each request.',
  issuer_unreachable: 'Try again; if it lasts, see that this service reaches the issuer, or configure its keys inline.',
}
