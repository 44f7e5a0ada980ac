import { isPlaceName, PLACE_NAME_REMEDY } from '../core/place-name.ts'
import type { Confinement } from '../core/principal.ts'
import { repositoryGlobFault, REPOSITORY_GLOB_REMEDY } from '../core/repository.ts'

/** Why a confinement is not to be taken in. */
export interface ConfinementFault {
  list: keyof Confinement
  message: string
  remedy: string
}

const MAX_ITEMS = 100

/** What limits to nothing, or names what no place can be called. Undefined if nothing is wrong. */
export function confinementFault({ repositories, environments, stages }: Confinement): ConfinementFault | undefined {
  const lists = [
    ['repositories', repositories],
    ['environments', environments],
    ['stages', stages],
  ] as const
  for (const [list, items] of lists) {
    if (items && (items.length === 0 || items.length > MAX_ITEMS)) {
      const message = `The list is empty or has more than ${MAX_ITEMS} items.`
      return { list, message, remedy: 'Leave the list out if it shall not limit.' }
    }
  }
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
