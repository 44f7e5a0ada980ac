import { proven } from './facts.ts'
import type { KindProfile } from './kind.ts'
import { anyOf } from './says-who.ts'

const OF_MACHINE = ['google', 'compute_engine'] as const

/**
 * Identity tokens of Google's service accounts: Cloud Build, Cloud Run, Compute Engine. The same issuer signs for every account of Google,
 * people's too; `sub` is an account's number and is never given to another. Its keys lie at another host than it does.
 */
export const google: KindProfile = {
  title: 'Google',
  keys: { jwksUri: 'https://www.googleapis.com/oauth2/v3/certs' },
  claims: {
    ...{ sub: 'ascii', azp: 'ascii', email: 'ascii', email_verified: 'boolean', hd: 'ascii' },
    ...{ project_id: 'ascii', project_number: 'number', zone: 'ascii', instance_id: 'ascii', instance_name: 'ascii' },
  },
  nested: Object.fromEntries(
    ['project_id', 'project_number', 'zone', 'instance_id', 'instance_name'].map((name) => [name, [...OF_MACHINE, name]]),
  ),
  saysWho: anyOf({ sub: 'exact' }, { email: 'exact', email_verified: 'exact' }, { project_id: 'exact' }, { project_number: 'exact' }),
  who: 'sub, the number of the service account; email together with email_verified: true; or project_id of the machine',
  provesRepository: false,
  facts: (token) => proven({ runner: token.text('instance_name') }),
  ruleFault: ({ claims }) =>
    claims['email'] === undefined || claims['email_verified'] === true
      ? undefined
      : { message: 'it names an email that may not be verified', remedy: 'Add "email_verified": true.' },
}
