import { RepositoryIndex } from '../core/repository-index.ts'
import type { Owner, Ownership, Project, Team } from './model.ts'
import type { OwnershipRecords } from './ports.ts'

const NOBODYS: Ownership = { project: null, owners: [] }

/** The names of repositories come from callers: beyond this many the answers are worked out again. */
const MOST_KEPT = 10_000

/** Who owns what, at one state of the store. */
export class OwnershipMap {
  /** By name. */
  readonly projects: ReadonlyMap<string, Project>
  readonly teams: ReadonlyMap<string, Team>
  readonly #index: RepositoryIndex<Ownership>
  readonly #kept = new Map<string, Ownership>()

  constructor({ projects, teams }: OwnershipRecords) {
    this.projects = new Map(projects.map((project) => [project.name, project]))
    this.teams = new Map(teams.map((team) => [team.name, team]))
    this.#index = new RepositoryIndex(
      projects.flatMap((project) => {
        const ownership = { project: project.name, owners: ownersOf(project, this.teams) }
        return project.repositories.map((glob) => [glob, ownership] as const)
      }),
    )
  }

  /** Globs of the repositories that a team owns; undefined if there is no such team. */
  repositoriesOf(team: string): readonly string[] | undefined {
    if (!this.teams.has(team)) return undefined
    return [...this.projects.values()].filter(({ owners }) => owners.includes(team)).flatMap(({ repositories }) => repositories)
  }

  /** Who answers for a repository; null is in no project. */
  ownerOf(repository: string | null): Ownership {
    if (repository === null || this.projects.size === 0) return NOBODYS
    const kept = this.#kept.get(repository)
    if (kept) return kept
    const found = this.#index.find(repository) ?? NOBODYS
    if (this.#kept.size >= MOST_KEPT) this.#kept.clear()
    this.#kept.set(repository, found)
    return found
  }

  /** Names of the teams that answer for each project. */
  teamsByProject(): Map<string, readonly string[]> {
    return new Map([...this.projects].map(([name, { owners }]) => [name, owners]))
  }
}

/** A project's own contact stands in place of its teams'. */
function ownersOf({ owners, contact }: Project, teams: ReadonlyMap<string, Team>): Owner[] {
  return owners.map((team) => ({ team, contact: contact ?? teams.get(team)?.contact ?? null }))
}
