import { AppError } from '../core/app-error.ts'
import type { Clock } from '../core/clock.ts'
import type { Access } from '../core/principal.ts'
import { causeOf, removedEntry, teamChangedEntry } from './entries.ts'
import type { OwnershipErrorCode } from './errors.ts'
import type { Team } from './model.ts'
import { projectInQuery } from './named-in-query.ts'
import type { OwnershipCache } from './ownership-cache.ts'
import type { OwnershipStore } from './ports.ts'
import { readTeam, type TeamDraft } from './read-team.ts'
import { maySeeTeam } from './visibility.ts'

/** Manages who answers for projects. Every change is an entry of the log. */
export class Teams {
  readonly #store: OwnershipStore
  readonly #cache: OwnershipCache
  readonly #clock: Clock

  constructor(parts: { store: OwnershipStore; cache: OwnershipCache; clock: Clock }) {
    this.#store = parts.store
    this.#cache = parts.cache
    this.#clock = parts.clock
  }

  /** Those that the asker may see, of the owners of the project if it is named; by name. @throws {AppError} `project_unknown` */
  async list({ confinement }: Access, { project }: { project?: string }): Promise<Team[]> {
    const map = await this.#cache.current()
    const owners = project === undefined ? undefined : projectInQuery(map, project, confinement).owners
    return [...map.teams.values()].filter(({ name }) => (owners?.includes(name) ?? true) && maySeeTeam(name, map, confinement))
  }

  /** @throws {AppError} `team_not_found`, also for one that the asker may not see */
  async find(access: Access, name: string): Promise<Team> {
    const map = await this.#cache.current()
    const team = map.teams.get(name)
    if (team && maySeeTeam(name, map, access.confinement)) return team
    throw notFound(name)
  }

  /** Creates or replaces a team. @throws {AppError} `team_invalid` or `teams_too_many` */
  async put(access: Access, name: string, draft: TeamDraft, requestId: string): Promise<{ team: Team; created: boolean }> {
    const cause = causeOf(access, this.#clock, requestId)
    const team = { name, ...readTeam(draft), updatedAt: cause.at, updatedBy: cause.updatedBy }
    return this.#store.putTeam(team, teamChangedEntry(team, cause))
  }

  /** @throws {AppError} `team_not_found`, or `team_owns_projects`, naming them */
  async remove(access: Access, name: string, requestId: string): Promise<void> {
    const removed = await this.#store.removeTeam(name, removedEntry('team', name, causeOf(access, this.#clock, requestId)))
    if (!removed) throw notFound(name)
  }
}

function notFound(name: string): AppError<OwnershipErrorCode> {
  return new AppError('team_not_found', `There is no team "${name.slice(0, 80)}", or this token may not see it.`, {
    field: 'path.name',
    remedy: 'GET /v1/teams lists them.',
  })
}
