import type { Access } from '../core/principal.ts'
import type { Clock } from '../core/clock.ts'
import type { Binding } from '../policy/model.ts'
import { effectivePolicy, type EffectiveParts, type EffectivePolicy, type EffectiveQuery } from './effective.ts'
import { wouldDeny, type WouldDeny, type WouldDenyParts, type WouldDenyQuery } from './would-deny.ts'

/** Tells what the bindings that there are amount to. */
export class BindingOverview {
  readonly #parts: EffectiveParts & WouldDenyParts & { clock: Clock }

  constructor(parts: EffectiveParts & WouldDenyParts & { clock: Clock }) {
    this.#parts = parts
  }

  /** What would be demanded if that was asked now. @throws {AppError} as asking does */
  effective(access: Access, query: EffectiveQuery): Promise<EffectivePolicy> {
    return effectivePolicy(access, query, this.#parts.clock.now(), this.#parts)
  }

  /** Whom a binding would deny if it enforced. */
  wouldDeny(access: Access, binding: Binding, query: WouldDenyQuery): Promise<WouldDeny> {
    return wouldDeny(access, binding, query, this.#parts.clock.now(), this.#parts)
  }
}
