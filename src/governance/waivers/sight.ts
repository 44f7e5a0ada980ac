import type { Confinement } from '../../core/principal.ts'
import { repositoriesMayMeet } from '../../core/repository.ts'
import type { WaiverScope } from './waiver.ts'

/** Whether a waiver can be about anything that a confined reader may see. One for every repository is for who may see them all. */
export function mayConcern({ repository, environment, stage }: WaiverScope, { repositories, environments, stages }: Confinement): boolean {
  if (repositories && (repository === null || !repositoriesMayMeet([repository], repositories))) return false
  return mayBe(environment, environments) && mayBe(stage, stages)
}

function mayBe(name: string | null, allowed: readonly string[] | undefined): boolean {
  return !allowed || name === null || allowed.includes(name)
}
