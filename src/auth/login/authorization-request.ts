import { challengeOf, type LoginState } from './login-state.ts'
import type { LoginProvider } from './ports.ts'
import type { ProviderMetadata } from './provider-metadata.ts'

/** Where the browser is sent to log in (OpenID Connect Core 1.0, section 3.1.2.1; RFC 7636, section 4.3). */
export function authorizationUrl({ authorizationEndpoint }: ProviderMetadata, { login }: LoginProvider, state: LoginState): string {
  const url = new URL(authorizationEndpoint)
  const parameters = {
    response_type: 'code',
    client_id: login.clientId,
    redirect_uri: state.redirectUri,
    scope: login.scopes.join(' '),
    state: state.state,
    nonce: state.nonce,
    code_challenge: challengeOf(state),
    code_challenge_method: 'S256',
  }
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return url.href
}
