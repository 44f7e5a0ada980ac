import type { LoginConfig } from '../../../../src/auth/login/login-config.ts'
import type { LoginProvider } from '../../../../src/auth/login/ports.ts'

export const LOGIN: LoginConfig = {
  clientId: 'portcullis',
  clientSecretFile: null,
  clientAuthentication: 'none',
  scopes: ['openid', 'email', 'groups'],
  endpointOrigins: [],
  groupsClaim: 'groups',
  userinfo: false,
  nameClaim: null,
  linkByEmail: false,
  groups: {
    readers: { roles: ['auditor'], scopes: [], confinement: {} },
    approvers: { roles: ['approver'], scopes: [], confinement: { repositories: ['github.com/acme/*'] } },
    admins: { roles: ['admin'], scopes: [], confinement: {} },
  },
  sessionLifetime: 'PT8H',
}

/** A provider to log in at. */
export function providerOf(login: Partial<LoginConfig> = {}, over: Partial<LoginProvider> = {}): LoginProvider {
  return {
    name: 'okta',
    issuer: 'https://idp.example.com',
    algorithms: ['RS256'],
    keys: { discovery: {} },
    clockSkewMs: 60_000,
    ...over,
    login: { ...LOGIN, ...login },
  }
}
