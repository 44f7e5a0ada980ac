import { DISCOVERY, type Demands, type KindProfile } from './kind.ts'

/** What such claims say is where, how or for whom a token is, but not whose. */
const NOT_WHO: ReadonlySet<string> = new Set([
  ...['iss', 'aud', 'exp', 'nbf', 'iat', 'jti', 'typ', 'nonce', 'auth_time', 'acr', 'amr', 'scope', 'scp', 'ver', 'email_verified'],
  ...[
    'ref',
    'ref_type',
    'ref_protected',
    'branch',
    'branchName',
    'branch_name',
    'tag',
    'environment',
    'env',
    'stage',
    'event',
    'event_name',
    'trigger',
    'workflow',
  ],
])

/**
 * Any other provider of OpenID Connect, such as Bitbucket Pipelines, Semaphore, Keycloak or SPIRE. Which of its claims says who only its
 * documentation can tell; about repositories nothing is taken from it.
 */
export const openid: KindProfile = {
  title: 'OpenID',
  keys: DISCOVERY,
  claims: { aud: 'list', groups: 'list', roles: 'list', amr: 'list', email_verified: 'boolean' },
  nested: {},
  saysWho,
  who: 'the claim that says who, such as sub or client_id, as a whole',
  provesRepository: false,
  facts: () => ({}),
  ruleFault: ({ claims }) =>
    claims['email'] === undefined || claims['email_verified'] === true
      ? undefined
      : { message: 'it names an email that may not be verified', remedy: 'Add "email_verified": true.' },
}

function saysWho({ claims }: Demands): boolean {
  return Object.entries(claims).some(([name, value]) => !NOT_WHO.has(name) && typeof value !== 'boolean' && value !== '')
}
