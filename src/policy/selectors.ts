import { AppError } from '../core/app-error.ts'
import { isPlaceName, PLACE_NAME_REMEDY } from '../core/place-name.ts'
import { repositoryGlobFault, REPOSITORY_GLOB_REMEDY } from '../core/repository.ts'
import type { BindingSelector } from './model.ts'

export type SelectorErrorCode = 'selector_malformed'

/** Where a binding shall apply, as an administrator writes it: one name or several, as in `BindingSelector`. */
export interface SelectorDraft {
  stage?: string | readonly string[]
  environment?: string | readonly string[]
  repository?: string | readonly string[]
  source?: string | readonly string[]
  team?: string | readonly string[]
  labels?: Readonly<Record<string, string>>
}

type Listed = 'stage' | 'environment' | 'repository' | 'source' | 'team'

/**
 * Reads the selectors of a binding. What could never match is refused: its author would believe in a gate that isn't there.
 * @param teams names of those that exist
 * @throws {AppError} `selector_malformed`, naming the field
 */
export function readSelectors(
  { stage, environment, repository, source, team, labels }: SelectorDraft,
  teams: ReadonlySet<string>,
): BindingSelector {
  return {
    ...(stage !== undefined && { stage: readNames('stage', stage) }),
    ...(environment !== undefined && { environment: readNames('environment', environment) }),
    ...(repository !== undefined && { repository: readGlobs('repository', repository) }),
    ...(source !== undefined && { source: readGlobs('source', source) }),
    ...(team !== undefined && { team: readTeams(team, teams) }),
    ...(labels && { labels }),
  }
}

function readNames(field: 'stage' | 'environment', given: string | readonly string[]): readonly string[] {
  const names = readList(field, given)
  for (const name of names) {
    if (name.includes('*')) {
      throw malformed(
        field,
        `"${shown(name)}" has a wildcard, but names match whole`,
        'List the names, or exclude others with a leading "!".',
      )
    }
    if (!isPlaceName(nameIn(name))) throw malformed(field, `"${shown(name)}" can be no name of a ${field}`, PLACE_NAME_REMEDY)
  }
  const excluded = new Set(names.filter(isExclusion).map((name) => nameIn(name).toLowerCase()))
  const contradiction = names.find((name) => !isExclusion(name) && excluded.has(name.toLowerCase()))
  if (contradiction === undefined) return names
  throw malformed(field, `"${contradiction}" is both named and excluded`, 'Keep one of the two.')
}

function readGlobs(field: 'repository' | 'source', given: string | readonly string[]): readonly string[] {
  const globs = readList(field, given)
  for (const glob of globs) {
    const fault = repositoryGlobFault(glob)
    if (fault) throw malformed(field, `"${shown(glob)}" ${fault}`, REPOSITORY_GLOB_REMEDY)
  }
  return globs
}

function readTeams(given: string | readonly string[], teams: ReadonlySet<string>): readonly string[] {
  const names = readList('team', given)
  const stranger = names.find((name) => !teams.has(name))
  if (stranger === undefined) return names
  throw malformed('team', `there is no team "${shown(stranger)}"`, 'Create it first: PUT /v1/teams/NAME.')
}

/** An empty list selects nothing in the eyes of its author, and everything in ours. */
function readList(field: Listed, given: string | readonly string[]): readonly string[] {
  const list = typeof given === 'string' ? [given] : given
  if (list.length > 0) return list
  throw malformed(field, 'the list is empty', 'Leave it out to select everything, or list names.')
}

function isExclusion(name: string): boolean {
  return name.startsWith('!')
}

function nameIn(name: string): string {
  return isExclusion(name) ? name.slice(1) : name
}

function shown(text: string): string {
  return text.slice(0, 80)
}

function malformed(field: Listed, problem: string, remedy: string): AppError<SelectorErrorCode> {
  return new AppError('selector_malformed', `The selector "${field}" can't be used: ${problem}.`, { field: `body.${field}`, remedy })
}
