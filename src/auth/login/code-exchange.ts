import { codeRefused, providerFailed } from './errors.ts'
import type { LoginState } from './login-state.ts'
import type { FormAnswer, LoginProvider, ProviderClient, SecretFiles } from './ports.ts'
import type { ProviderMetadata } from './provider-metadata.ts'

/** What a code was exchanged for. Both are secrets, used once and kept nowhere. */
export interface ProviderTokens {
  idToken: string
  accessToken: string | undefined
}

const LONGEST_TOKEN = 64 * 1024
const LONGEST_SECRET = 4096

/**
 * Exchanges the code (OpenID Connect Core 1.0, section 3.1.3; RFC 7636, section 4.5).
 * @param code attacker-controlled
 * @throws {AppError} `login_provider_failed`, or `login_refused` if the code is none that the provider gave for this login
 */
export async function exchangeCode(
  code: string,
  state: LoginState,
  { tokenEndpoint }: ProviderMetadata,
  provider: LoginProvider,
  { client, files }: { client: ProviderClient; files: SecretFiles },
): Promise<ProviderTokens> {
  const { fields, authorization } = await clientProof(provider, files)
  const grant = { grant_type: 'authorization_code', code, redirect_uri: state.redirectUri, code_verifier: state.verifier }
  let answer: FormAnswer
  try {
    answer = await client.postForm(tokenEndpoint, { ...grant, ...fields }, authorization)
  } catch (cause) {
    throw providerFailed('The provider could not be asked for the result of the login.', cause)
  }
  return readTokens(answer)
}

/** How we prove to be the client (RFC 6749, section 2.3.1). */
async function clientProof(
  { login }: LoginProvider,
  files: SecretFiles,
): Promise<{ fields: Record<string, string>; authorization?: string }> {
  const { clientId, clientSecretFile, clientAuthentication } = login
  if (clientSecretFile === null) return { fields: { client_id: clientId } }
  let secret: string
  try {
    secret = (await files.read(clientSecretFile)).replace(/\r?\n$/, '')
  } catch (cause) {
    throw providerFailed('The client’s secret can’t be read.', cause)
  }
  if (secret === '' || secret.length > LONGEST_SECRET) throw providerFailed('The client’s secret is empty or too long.')
  if (clientAuthentication === 'client_secret_post') return { fields: { client_id: clientId, client_secret: secret } }
  const pair = `${formEncoded(clientId)}:${formEncoded(secret)}`
  return { fields: {}, authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}

function formEncoded(text: string): string {
  return new URLSearchParams({ _: text }).toString().slice(2)
}

function readTokens({ status, body }: FormAnswer): ProviderTokens {
  const fields = (typeof body === 'object' && body !== null ? body : {}) as Readonly<Record<string, unknown>>
  if (status === 400 && fields['error'] === 'invalid_grant') throw codeRefused()
  if (status !== 200) throw providerFailed('The provider did not accept the login.', new Error(refusalOf(status, fields['error'])))
  const { id_token: idToken, access_token: accessToken } = fields
  if (typeof idToken !== 'string' || idToken.length > LONGEST_TOKEN) {
    throw providerFailed(
      'The provider gave no ID token.',
      new Error('its answer has no id_token; is "openid" among the scopes of the client?'),
    )
  }
  return { idToken, accessToken: typeof accessToken === 'string' && accessToken.length <= LONGEST_TOKEN ? accessToken : undefined }
}

/** The error code is one of a few words (RFC 6749, section 5.2); nothing else of the answer is repeated. */
function refusalOf(status: number, error: unknown): string {
  const known = typeof error === 'string' && /^[a-z_]{1,40}$/.test(error) ? error : 'unknown'
  return `the token endpoint answered with status ${status}, error ${known}`
}
