import { isAppError } from '../../core/app-error.ts'
import type { JwtClaims, VerifiedJwt } from '../jwt/model.ts'
import type { JwtVerifier } from '../jwt/verifier.ts'
import { idTokenInvalid, providerFailed } from './errors.ts'
import { checkIdToken, type ExpectedIdToken } from './id-token.ts'
import type { ProviderClient } from './ports.ts'
import type { ProviderMetadata } from './provider-metadata.ts'

/** What a provider proved about whoever logged in. */
export interface ProvenClaims {
  subject: string
  claims: JwtClaims
}

/** What came of a login, with what it must fit. */
interface LoginResult extends ExpectedIdToken {
  metadata: ProviderMetadata
  idToken: string
}

/** Subjects have so many ASCII characters at most (OpenID Connect Core 1.0, section 2). */
const SUBJECT = /^[\x21-\x7e]{1,255}$/

/**
 * Verifies the ID token, and asks for more claims where the configuration wants that.
 * @throws {AppError} `login_token_invalid` or `login_provider_failed`
 */
export async function verifiedClaims(
  result: LoginResult,
  { verifier, client }: { verifier: Pick<JwtVerifier, 'verify'>; client: Pick<ProviderClient, 'fetchJson'> },
): Promise<ProvenClaims> {
  const jwt = await verifyIdToken(result.idToken, verifier)
  checkIdToken(jwt, result)
  const { subject, claims } = jwt
  if (!SUBJECT.test(subject)) throw idTokenInvalid('The subject is longer than 255 characters, or not printable ASCII.')
  const { userinfoEndpoint } = result.metadata
  if (userinfoEndpoint === undefined) return { subject, claims }
  return { subject, claims: withUserinfo(claims, await userinfo(userinfoEndpoint, result.accessToken, subject, client)) }
}

async function verifyIdToken(idToken: string, verifier: Pick<JwtVerifier, 'verify'>): Promise<VerifiedJwt> {
  try {
    return await verifier.verify(idToken)
  } catch (error) {
    if (!isAppError(error)) throw error
    if (error.code === 'issuer_unreachable') throw providerFailed('The keys of the provider can’t be had at the moment.', error)
    throw idTokenInvalid(`The ID token is refused. ${error.message}`, error)
  }
}

/** Claims of the UserInfo endpoint (OpenID Connect Core 1.0, section 5.3.2): whoever answers must speak of the same person. */
async function userinfo(
  endpoint: string,
  accessToken: string | undefined,
  subject: string,
  client: Pick<ProviderClient, 'fetchJson'>,
): Promise<JwtClaims> {
  if (accessToken === undefined) throw providerFailed('The provider gave no access token, and UserInfo needs one.')
  let answer: unknown
  try {
    answer = await client.fetchJson(endpoint, `Bearer ${accessToken}`)
  } catch (cause) {
    throw providerFailed('The UserInfo endpoint of the provider failed.', cause)
  }
  const claims = (typeof answer === 'object' && answer !== null ? answer : {}) as JwtClaims
  if (claims['sub'] !== subject) throw idTokenInvalid('The UserInfo endpoint speaks of somebody else.')
  return claims
}

/** What is signed counts first. Address and its verification are one statement: half of each would prove what nobody said. */
function withUserinfo(claims: JwtClaims, more: JwtClaims): JwtClaims {
  const { email, email_verified: verified, ...others } = more
  const stated = Object.hasOwn(claims, 'email') || Object.hasOwn(claims, 'email_verified')
  return { __proto__: null, ...others, ...(!stated && { email, email_verified: verified }), ...claims }
}
