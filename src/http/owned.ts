import type { People } from '../core/people.ts'
import type { Access } from '../core/principal.ts'
import { definedOnly } from './filters.ts'
import type { HttpDependencies } from './ports.ts'

/**
 * The filters `project` and `team` as stores know them: the repositories that they stand for now.
 * @throws {AppError} `project_unknown` or `team_unknown`
 */
export async function ownedFilter(
  owners: HttpDependencies['owners'],
  access: Access,
  { project, team }: { project: string | undefined; team: string | undefined },
): Promise<{ owned?: readonly string[] }> {
  const owned = await owners.repositories(access, definedOnly({ project, team }))
  return owned ? { owned } : {}
}

/** The same for lists of principals and of what is theirs: members of the team, or of the teams that own the project. */
export async function peopleFilter(
  owners: HttpDependencies['owners'],
  access: Access,
  { project, team }: { project: string | undefined; team: string | undefined },
): Promise<{ people?: People }> {
  const people = await owners.people(access, definedOnly({ project, team }))
  return people ? { people } : {}
}
