import { AppError } from '../core/app-error.ts'
import { repositoriesMayMeet } from '../core/repository.ts'
import type { OwnershipErrorCode } from './errors.ts'
import type { Project } from './model.ts'
import { namespacesMeet } from './namespace.ts'
import type { OwnershipRecords } from './ports.ts'

/** All of them are kept in memory, and each is compared with all others as it is written. */
const MOST_PROJECTS = 1000
const MOST_TEAMS = 1000

/**
 * Refuses a project that names teams which don't exist, or whose repositories or namespaces may be another one's too: then nobody could
 * say whose they are.
 * @param known what there is as the project is written, an earlier state of it included
 * @throws {AppError} `team_unknown`, `project_overlaps` or `projects_too_many`
 */
export function requirePlaceFor(project: Omit<Project, 'revision'>, known: OwnershipRecords): void {
  const others = known.projects.filter(({ name }) => name !== project.name)
  if (others.length >= MOST_PROJECTS) throw tooMany('projects_too_many', 'projects', MOST_PROJECTS)
  const teams = new Set(known.teams.map(({ name }) => name))
  const stranger = project.owners.find((owner) => !teams.has(owner))
  if (stranger !== undefined) {
    throw new AppError<OwnershipErrorCode>('team_unknown', `There is no team "${stranger.slice(0, 80)}".`, {
      field: 'body.owners',
      remedy: 'Create it first: PUT /v1/teams/NAME.',
    })
  }
  for (const other of others) {
    const field = meetingField(project, other)
    if (field) throw overlaps(field, other.name)
  }
}

/** @throws {AppError} `teams_too_many` */
export function requireRoomForTeam(name: string, known: OwnershipRecords): void {
  if (known.teams.filter((team) => team.name !== name).length >= MOST_TEAMS) throw tooMany('teams_too_many', 'teams', MOST_TEAMS)
}

/** A project never loses its owners unnoticed. @throws {AppError} `team_owns_projects` */
export function requireOwnsNothing(name: string, { projects }: OwnershipRecords): void {
  const owned = projects.filter(({ owners }) => owners.includes(name)).map((project) => project.name)
  if (owned.length === 0) return
  const more = owned.length > 10 ? ` and ${owned.length - 10} more` : ''
  throw new AppError<OwnershipErrorCode>('team_owns_projects', `The team owns projects: ${owned.slice(0, 10).join(', ')}${more}.`, {
    field: 'path.name',
    remedy: 'Give them other owners first.',
  })
}

function meetingField(one: Omit<Project, 'revision'>, other: Project): 'repositories' | 'namespaces' | undefined {
  // Forges don't tell letter case apart in names.
  if (repositoriesMayMeet(lowerCase(one.repositories), lowerCase(other.repositories))) return 'repositories'
  return namespacesMeet(one.namespaces, other.namespaces) ? 'namespaces' : undefined
}

function lowerCase(globs: readonly string[]): string[] {
  return globs.map((glob) => glob.toLowerCase())
}

function overlaps(field: 'repositories' | 'namespaces', other: string): AppError<OwnershipErrorCode> {
  return new AppError('project_overlaps', `Some of its ${field} may belong to the project "${other}".`, {
    field: `body.${field}`,
    remedy: `Each belongs to one project: narrow this one or "${other}".`,
  })
}

function tooMany(code: OwnershipErrorCode, what: string, most: number): AppError<OwnershipErrorCode> {
  return new AppError(code, `There are ${most} ${what}, which is the most there can be.`, { remedy: `Remove ${what} that are not used.` })
}
