import { AppError } from '../core/app-error.ts'
import type { Confinement } from '../core/principal.ts'
import type { OwnershipErrorCode } from './errors.ts'
import type { Project, Team } from './model.ts'
import type { OwnershipMap } from './ownership-map.ts'
import { maySeeProject, maySeeTeam } from './visibility.ts'

/**
 * The project that a list is narrowed to. One that isn't there is no empty list, which would read as if nothing had happened in it; one that the
 * asker may not see looks the same.
 * @throws {AppError} `project_unknown`
 */
export function projectInQuery(map: OwnershipMap, name: string, confinement: Confinement): Project {
  const project = map.projects.get(name)
  if (project && maySeeProject(project, confinement)) return project
  throw unknown('project', name)
}

/** The same for a team. @throws {AppError} `team_unknown` */
export function teamInQuery(map: OwnershipMap, name: string, confinement: Confinement): Team {
  const team = map.teams.get(name)
  if (team && maySeeTeam(name, map, confinement)) return team
  throw unknown('team', name)
}

function unknown(kind: 'project' | 'team', name: string): AppError<OwnershipErrorCode> {
  return new AppError(`${kind}_unknown`, `There is no ${kind} "${name.slice(0, 80)}", or this token may not see it.`, {
    field: `query.${kind}`,
    remedy: `GET /v1/${kind}s lists them.`,
  })
}
