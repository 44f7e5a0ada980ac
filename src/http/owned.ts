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
