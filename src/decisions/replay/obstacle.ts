/**
 * Why an input can't be recomposed.
 * - `pack_version_missing`: the version that was run is not known any more
 * - `binding_missing`: the revision of a binding is not in the store
 * - `parameters_differ`: the pack's schema gives the parameters another meaning than then
 * - `evidence_removed`: retention removed what a report says
 * - `baseline_missing`: a set of old debt is not in the store
 */
export type ObstacleCode = 'pack_version_missing' | 'binding_missing' | 'parameters_differ' | 'evidence_removed' | 'baseline_missing'

/** Something that a stored input refers to and that isn't there any more. */
export interface Obstacle {
  code: ObstacleCode
  message: string
}

/** Ends a recomposition. */
export class RecompositionError extends Error {
  readonly obstacle: Obstacle

  constructor(code: ObstacleCode, message: string) {
    super(message)
    this.obstacle = { code, message }
  }
}
