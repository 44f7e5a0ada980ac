import { repositoryGlobWithin } from '../core/glob-within.ts'
import { isPlaceName, PLACE_NAME_REMEDY } from '../core/place-name.ts'
import type { Confinement } from '../core/principal.ts'
import { repositoryGlobFault, REPOSITORY_GLOB_REMEDY } from '../core/repository.ts'

/** Why a confinement is not to be taken in. */
export interface ConfinementFault {
  list: keyof Confinement
  message: string
  remedy: string
}

/** Everything that a confinement can limit. */
export const CONFINED_LISTS = ['repositories', 'environments', 'stages'] as const satisfies readonly (keyof Confinement)[]

/** Longest list of a confinement. */
export const MAX_ITEMS = 100

/** True only if whatever the inner confinement lets in is let in by the outer one too. */
export function confinementWithin(inner: Confinement, outer: Confinement): boolean {
  return CONFINED_LISTS.every((list) => listWithin(list, inner[list], outer[list]))
}

/** The same for one list. An absent list does not limit, so under a limit it is too much. */
export function listWithin(list: keyof Confinement, inner: readonly string[] | undefined, outer: readonly string[] | undefined): boolean {
  if (!outer) return true
  const within = list === 'repositories' ? repositoryGlobWithin : (a: string, b: string): boolean => a === b
  return inner?.every((item) => outer.some((other) => within(item, other))) ?? false
}

/** What limits to nothing, or names what no place can be called. Undefined if nothing is wrong. */
export function confinementFault(confinement: Confinement): ConfinementFault | undefined {
  for (const list of CONFINED_LISTS) {
    const items = confinement[list]
    if (items && (items.length === 0 || items.length > MAX_ITEMS)) {
      const message = `The list is empty or has more than ${MAX_ITEMS} items.`
      return { list, message, remedy: 'Leave the list out if it shall not limit.' }
    }
  }
  const { repositories, environments, stages } = confinement
  return repositoriesFault(repositories) ?? placesFault('environments', environments) ?? placesFault('stages', stages)
}

function repositoriesFault(globs: readonly string[] = []): ConfinementFault | undefined {
  for (const glob of globs) {
    const fault = repositoryGlobFault(glob)
    if (fault) return { list: 'repositories', message: `"${glob.slice(0, 80)}" ${fault}.`, remedy: REPOSITORY_GLOB_REMEDY }
  }
  return undefined
}

function placesFault(list: 'environments' | 'stages', items: readonly string[] = []): ConfinementFault | undefined {
  const wrong = items.find((item) => !isPlaceName(item))
  if (wrong === undefined) return undefined
  return { list, message: `"${wrong.slice(0, 80)}" is no name; names match exactly, without wildcards.`, remedy: PLACE_NAME_REMEDY }
}
