import { AppError } from './app-error.ts'

/** An account or address elsewhere that is a principal's, by the word of an admin or of whoever runs it. */
export interface LinkedIdentity {
  /** `email`; the host of a forge for a login there, such as `github.com`; `issuer:NAME` for the subject of one of our issuers. */
  kind: string
  value: string
  verifiedBy: 'admin' | 'provider'
  /** RFC 3339. */
  at: string
  /** Id of the principal who linked it, or the name of the issuer that vouches for it. */
  by: string
}

/** What names an identity: one belongs to one principal at most. */
export type IdentityName = Pick<LinkedIdentity, 'kind' | 'value'>

export type IdentityErrorCode = 'identity_malformed'

const HOST = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*(?::\d{1,5})?$/
const ISSUER = /^issuer:[a-z0-9][a-z0-9._-]{0,62}$/
const EMAIL = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9.-]+$/
const LOGIN = /^[A-Za-z0-9][A-Za-z0-9._@+[\]-]{0,127}$/
const SUBJECT = /^[\x21-\x7e]{1,255}$/
const LONGEST_EMAIL = 254
const LONGEST_LOCAL_PART = 64

/**
 * The name of an identity as it is kept: ASCII only, so that nothing looks like somebody else's; the domain of an address in lower case.
 * @throws {AppError} `identity_malformed`
 */
export function parseIdentity(kind: string, value: string): IdentityName {
  if (kind === 'email') {
    const at = value.lastIndexOf('@')
    const domain = value.slice(at + 1).toLowerCase()
    const fits = value.length <= LONGEST_EMAIL && at <= LONGEST_LOCAL_PART && EMAIL.test(value) && HOST.test(domain)
    if (!fits) throw malformed('value', 'is no e-mail address', 'Write it like ann@example.com, in ASCII; a domain in its xn-- form.')
    return { kind, value: `${value.slice(0, at)}@${domain}` }
  }
  if (ISSUER.test(kind)) {
    if (!SUBJECT.test(value))
      throw malformed('value', 'is no subject', 'Write the `sub` claim as it is: 1 to 255 printable ASCII characters.')
    return { kind, value }
  }
  if (!isForge(kind)) {
    throw malformed('kind', 'is no kind of identity', 'Write email, the host of a forge such as github.com, or issuer:NAME.')
  }
  if (!LOGIN.test(value)) throw malformed('value', 'is no login', 'Write it as the forge shows it, in ASCII, without a leading @.')
  return { kind, value }
}

/**
 * What identities are compared by. Addresses and logins in any letter case are one, since most systems take them for one: whoever is to be
 * excluded stays so however it is written. The subject of an issuer is exact (OpenID Connect Core, section 2).
 */
export function identityKey({ kind, value }: IdentityName): string {
  return kind.startsWith('issuer:') ? value : value.normalize('NFKC').toLowerCase()
}

/** A bare name would leave open which of its hosts is meant. */
function isForge(kind: string): boolean {
  return HOST.test(kind) && (kind.includes('.') || kind.includes(':') || kind === 'localhost')
}

function malformed(field: 'kind' | 'value', what: string, remedy: string): AppError<IdentityErrorCode> {
  return new AppError('identity_malformed', `The ${field} of the identity ${what}.`, { field: `path.${field}`, remedy })
}
