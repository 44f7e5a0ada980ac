import type { JwtClaims } from '../jwt/model.ts'
import { notEntitled } from './errors.ts'
import type { LoginConfig } from './login-config.ts'

/** What a provider says about a person. */
export interface PersonClaims {
  /** Only if the provider says that it belongs to the person. */
  email: string | null
  /** What a new principal is named after; the subject for want of anything better. */
  name: string
  /** As the provider names them. */
  groups: readonly string[]
}

const MAX_GROUPS = 2000
const LONGEST_EMAIL = 254
const LONGEST_NAME = 1000
/** ASCII alone: letters of other scripts become ASCII ones in lower case, and such an address would pass for somebody else's. */
const EMAIL = /^[!-?A-~]+@[!-?A-~]+$/

/**
 * Reads the claims of a person (OpenID Connect Core 1.0, section 5.1).
 * @param claims verified: those of the ID token, with those of the UserInfo endpoint if it was asked
 * @throws {AppError} `not_entitled` if the groups can't be told
 */
export function readPersonClaims(claims: JwtClaims, subject: string, config: Pick<LoginConfig, 'groupsClaim' | 'nameClaim'>): PersonClaims {
  const email = verifiedEmail(claims)
  const named = config.nameClaim === null ? (email ?? claims['preferred_username']) : claimAt(claims, config.nameClaim)
  const name = typeof named === 'string' && named !== '' && named.length <= LONGEST_NAME ? named : subject
  return { email, name, groups: readGroups(claims, config.groupsClaim) }
}

/** Addresses that nobody checked are worth nothing: anybody can type in somebody else's. */
function verifiedEmail({ email, email_verified: verified }: JwtClaims): string | null {
  if (verified !== true && verified !== 'true') return null
  return typeof email === 'string' && email.length <= LONGEST_EMAIL && EMAIL.test(email) ? email.toLowerCase() : null
}

function readGroups(claims: JwtClaims, claim: string): readonly string[] {
  const value = claimAt(claims, claim)
  if (value === undefined && isElsewhere(claims, claim)) {
    const remedy = 'Let the provider send only the groups that are assigned to this application, or app roles.'
    throw notEntitled('The person is in more groups than the provider writes into the token.', remedy)
  }
  const groups = typeof value === 'string' ? [value] : (value ?? [])
  if (Array.isArray(groups) && groups.length <= MAX_GROUPS && groups.every((group) => typeof group === 'string')) return groups
  throw notEntitled(
    `The claim "${claim}" is no list of at most ${MAX_GROUPS} names.`,
    'See groupsClaim of the issuer, and how the provider fills it.',
  )
}

/** A claim by its name, or by a JSON pointer (RFC 6901). */
export function claimAt(claims: JwtClaims, name: string): unknown {
  if (!name.startsWith('/')) return Object.hasOwn(claims, name) ? claims[name] : undefined
  let value: unknown = claims
  for (const part of name.slice(1).split('/')) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Readonly<Record<string, unknown>>)[key]
  }
  return value
}

/** Long lists are left out and pointed at instead (OpenID Connect Core 1.0, section 5.6.2; the overage claim of Entra). */
function isElsewhere(claims: JwtClaims, claim: string): boolean {
  const sources = claims['_claim_names']
  return typeof sources === 'object' && sources !== null && Object.hasOwn(sources, claim)
}
