import { AppError } from '../core/app-error.ts'
import { isFreeText } from '../core/free-text.ts'
import type { OwnershipErrorCode } from './errors.ts'
import type { Team } from './model.ts'
import { readContact, readDescription } from './read-text.ts'

/** A team as it is written. */
export interface TeamDraft {
  description?: string
  members?: readonly string[]
  groups?: readonly string[]
  contact?: string | null
}

const MOST_MEMBERS = 200
const MOST_GROUPS = 50
const MAX_TEXT = 200

/**
 * Reads a team. Members may be named before they have logged in for the first time.
 * @throws {AppError} `team_invalid`, naming the field
 */
export function readTeam(draft: TeamDraft): Pick<Team, 'description' | 'members' | 'groups' | 'contact'> {
  return {
    description: readDescription(draft.description, 'team_invalid'),
    members: readNames('members', draft.members ?? [], MOST_MEMBERS),
    groups: readNames('groups', draft.groups ?? [], MOST_GROUPS),
    contact: readContact(draft.contact, 'team_invalid'),
  }
}

function readNames(field: string, names: readonly string[], most: number): string[] {
  if (names.length <= most && names.every((name) => isFreeText(name, MAX_TEXT))) return [...new Set(names)]
  const message = `The ${field} are too many, or one of them is empty, too long or has control characters.`
  throw new AppError<OwnershipErrorCode>('team_invalid', message, {
    field: `body.${field}`,
    remedy: `Give at most ${most}, each with at most ${MAX_TEXT} characters.`,
  })
}
