import { ROLES, SCOPES, type Role } from '../../core/principal.ts'
import type { Handlers } from '../call.ts'
import { json } from '../reply.ts'

/** Whom the service takes the asker for: what to look at when a step is refused. */
export function whoami(): Pick<Handlers, 'whoami'> {
  return {
    whoami: ({ access }) => {
      const { principal, credential, person, scopes, confinement, identity } = access
      const { id, name, kind, groups } = principal
      return json(200, {
        principal: { id, name, kind, groups },
        credential,
        person,
        roles: (Object.keys(ROLES) as Role[]).filter((role) => ROLES[role].every((scope) => scopes.has(scope))),
        scopes: SCOPES.filter((scope) => scopes.has(scope)),
        confinement,
        identity,
      })
    },
  }
}
