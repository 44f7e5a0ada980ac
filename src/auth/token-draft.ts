import { isPlaceName, PLACE_NAME_REMEDY } from '../core/place-name.ts'
import type { Confinement } from '../core/principal.ts'
import { repositoryGlobFault, REPOSITORY_GLOB_REMEDY } from '../core/repository.ts'
import { scopesOf, type Rights } from './authorize.ts'
import { isFreeText, tokenInvalid } from './errors.ts'

/** What a new token shall be. */
export interface TokenDraft extends Rights {
  /** Name or id. */
  principal: string
  description: string
  /** RFC 3339; null for the default: 90 days, or no end for the role `admin`. */
  expiresAt: string | null
}

const MAX_DESCRIPTION = 500
const MAX_CONFINEMENT = 100

/** @throws {AppError} `token_invalid` for what could do nothing or limits to nothing */
export function checkDraft({ description, roles, scopes, confinement }: TokenDraft): void {
  if (!isFreeText(description, MAX_DESCRIPTION)) {
    const remedy = `Say in 1 to ${MAX_DESCRIPTION} characters, on one line, what it is for.`
    throw tokenInvalid('description', 'The description is empty, too long or has control characters.', remedy)
  }
  if (scopesOf({ roles, scopes }).size === 0) {
    throw tokenInvalid('roles', 'The token could do nothing.', 'Name at least one role or scope.')
  }
  checkConfinement(confinement)
}

function checkConfinement({ repositories, environments, stages }: Confinement): void {
  for (const [name, list] of Object.entries({ repositories, environments, stages })) {
    if (list && (list.length === 0 || list.length > MAX_CONFINEMENT)) {
      const remedy = 'Leave the list out if it shall not limit.'
      throw tokenInvalid(`confinement.${name}`, `The list is empty or has more than ${MAX_CONFINEMENT} items.`, remedy)
    }
  }
  for (const glob of repositories ?? []) {
    const fault = repositoryGlobFault(glob)
    if (fault) throw tokenInvalid('confinement.repositories', `"${glob.slice(0, 80)}" ${fault}.`, REPOSITORY_GLOB_REMEDY)
  }
  for (const [name, list] of Object.entries({ environments, stages })) {
    const wrong = list?.find((item) => !isPlaceName(item))
    if (wrong !== undefined) {
      throw tokenInvalid(
        `confinement.${name}`,
        `"${wrong.slice(0, 80)}" is no name; names match exactly, without wildcards.`,
        PLACE_NAME_REMEDY,
      )
    }
  }
}
