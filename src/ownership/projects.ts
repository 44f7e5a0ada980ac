import { AppError } from '../core/app-error.ts'
import type { Clock } from '../core/clock.ts'
import type { Access } from '../core/principal.ts'
import { causeOf, projectChangedEntry, removedEntry } from './entries.ts'
import type { OwnershipErrorCode } from './errors.ts'
import type { Project } from './model.ts'
import { teamInQuery } from './named-in-query.ts'
import { namespacesMeet } from './namespace.ts'
import type { OwnershipCache } from './ownership-cache.ts'
import type { OwnershipStore } from './ports.ts'
import { readProject, type ProjectDraft } from './read-project.ts'
import { maySeeProject } from './visibility.ts'

/** The project of a repository or of a namespace (`CLUSTER/NAMESPACE`), or those of a team. */
export interface ProjectFilter {
  team?: string
  repository?: string
  namespace?: string
}

/** Manages what belongs together and to whom. Every change is an entry of the log. */
export class Projects {
  readonly #store: OwnershipStore
  readonly #cache: OwnershipCache
  readonly #clock: Clock

  constructor(parts: { store: OwnershipStore; cache: OwnershipCache; clock: Clock }) {
    this.#store = parts.store
    this.#cache = parts.cache
    this.#clock = parts.clock
  }

  /** Those that the asker may see and the filter names, by name. @throws {AppError} `team_unknown` */
  async list({ confinement }: Access, { team, repository, namespace }: ProjectFilter): Promise<Project[]> {
    const map = await this.#cache.current()
    if (team !== undefined) teamInQuery(map, team, confinement)
    const holder = repository === undefined ? undefined : map.ownerOf(repository).project
    return [...map.projects.values()].filter(
      (project) =>
        maySeeProject(project, confinement) &&
        (team === undefined || project.owners.includes(team)) &&
        (holder === undefined || project.name === holder) &&
        (namespace === undefined || namespacesMeet(project.namespaces, [namespace])),
    )
  }

  /** @throws {AppError} `project_not_found`, also for one that the asker may not see */
  async find(access: Access, name: string): Promise<Project> {
    const project = (await this.#cache.current()).projects.get(name)
    if (project && maySeeProject(project, access.confinement)) return project
    throw notFound(name)
  }

  /**
   * Creates or replaces a project.
   * @throws {AppError} `project_invalid`, `team_unknown`, `project_overlaps` or `projects_too_many`
   */
  async put(access: Access, name: string, draft: ProjectDraft, requestId: string): Promise<{ project: Project; created: boolean }> {
    const cause = causeOf(access, this.#clock, requestId)
    const project = { name, ...readProject(draft), updatedAt: cause.at, updatedBy: cause.updatedBy }
    return this.#store.putProject(project, projectChangedEntry(project, cause))
  }

  /** @throws {AppError} `project_not_found` */
  async remove(access: Access, name: string, requestId: string): Promise<void> {
    const removed = await this.#store.removeProject(name, removedEntry('project', name, causeOf(access, this.#clock, requestId)))
    if (!removed) throw notFound(name)
  }
}

function notFound(name: string): AppError<OwnershipErrorCode> {
  return new AppError('project_not_found', `There is no project "${name.slice(0, 80)}", or this token may not see it.`, {
    field: 'path.name',
    remedy: 'GET /v1/projects lists them.',
  })
}
