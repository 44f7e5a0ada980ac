import { isFreeText } from '../core/free-text.ts'
import { scopesOf, type Rights } from './authorize.ts'
import { confinementFault } from './confinement.ts'
import { tokenInvalid } from './errors.ts'

/** What a new token shall be. */
export interface TokenDraft extends Rights {
  /** Name or id. */
  principal: string
  description: string
  /** RFC 3339; null for the default: 90 days, or no end for the role `admin`. */
  expiresAt: string | null
}

const MAX_DESCRIPTION = 500

/** @throws {AppError} `token_invalid` for what could do nothing or limits to nothing */
export function checkDraft({ description, roles, scopes, confinement }: TokenDraft): void {
  if (!isFreeText(description, MAX_DESCRIPTION)) {
    const remedy = `Say in 1 to ${MAX_DESCRIPTION} characters, on one line, what it is for.`
    throw tokenInvalid('description', 'The description is empty, too long or has control characters.', remedy)
  }
  if (scopesOf({ roles, scopes }).size === 0) {
    throw tokenInvalid('roles', 'The token could do nothing.', 'Name at least one role or scope.')
  }
  const fault = confinementFault(confinement)
  if (fault) throw tokenInvalid(`confinement.${fault.list}`, fault.message, fault.remedy)
}
