import type { People } from '../core/people.ts'
import type { Access } from '../core/principal.ts'
import type { Project, Team } from './model.ts'
import { projectInQuery, teamInQuery } from './named-in-query.ts'
import type { OwnershipCache } from './ownership-cache.ts'

/** What a list is narrowed to: a project, what a team owns, or with both the project as far as the team owns it. */
export interface OwnerQuery {
  project?: string
  team?: string
}

/** Says what the filters `project` and `team` of lists stand for. */
export class OwnerFilters {
  readonly #cache: OwnershipCache

  constructor(cache: OwnershipCache) {
    this.#cache = cache
  }

  /**
   * Globs of the repositories that a list is narrowed to; letter case doesn't count in them. They widen nothing: the confinement of the asker
   * counts besides.
   * @returns undefined if the query names neither project nor team
   * @throws {AppError} `project_unknown` or `team_unknown`
   */
  async repositories(access: Access, query: OwnerQuery): Promise<readonly string[] | undefined> {
    const owned = await this.#owned(access, query)
    return owned?.projects.flatMap(({ repositories }) => repositories)
  }

  /** The members of the team, or of the teams that own the project. @throws {AppError} as `repositories` does */
  async people(access: Access, query: OwnerQuery): Promise<People | undefined> {
    const owned = await this.#owned(access, query)
    return owned && { members: owned.teams.flatMap(({ members }) => members), groups: owned.teams.flatMap(({ groups }) => groups) }
  }

  async #owned({ confinement }: Access, query: OwnerQuery): Promise<{ projects: Project[]; teams: Team[] } | undefined> {
    if (query.project === undefined && query.team === undefined) return undefined
    const map = await this.#cache.current()
    const project = query.project === undefined ? undefined : projectInQuery(map, query.project, confinement)
    const team = query.team === undefined ? undefined : teamInQuery(map, query.team, confinement)
    const owns = ({ owners }: Project): boolean => team === undefined || owners.includes(team.name)
    const projects = (project ? [project] : [...map.projects.values()]).filter(owns)
    if (!project) return { projects, teams: team ? [team] : [] }
    return { projects, teams: project.owners.flatMap((name) => (team && name !== team.name ? [] : (map.teams.get(name) ?? []))) }
  }
}
