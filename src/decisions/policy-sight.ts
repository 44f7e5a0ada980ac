import type { Confinement } from '../core/principal.ts'
import type { PolicySight } from '../policy/versions/policies.ts'
import { maySeeBinding } from './applicable-bindings.ts'

/** A confined token sees the shipped policies, and those of bindings that it sees. */
export function policySight(confinement: Confinement): PolicySight {
  return { everything: confinement.repositories === undefined, binding: (binding) => maySeeBinding(binding, confinement) }
}
