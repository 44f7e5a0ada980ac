import type { Project, Team } from '../../../src/ownership/model.ts'
import type { OwnershipStore } from '../../../src/ownership/ports.ts'
import { project, team } from '../../storage/samples.ts'

/** Projects and teams that a test sets, read as from the store. */
export class MemoryOwnership implements Pick<OwnershipStore, 'revision' | 'all'> {
  projects: Project[] = []
  teams: Team[] = []
  changes = 0
  reads = 0

  set(projects: readonly Partial<Project>[], teams: readonly Partial<Team>[] = [{}]): void {
    this.projects = projects.map((over) => ({ ...project({ repositories: [], namespaces: [], ...over }), revision: 1 }))
    this.teams = teams.map((over) => ({ ...team(over), revision: 1 }))
    this.changes += 1
  }

  revision(): Promise<number> {
    return Promise.resolve(this.changes)
  }

  all(): Promise<{ projects: Project[]; teams: Team[] }> {
    this.reads += 1
    return Promise.resolve({ projects: this.projects, teams: this.teams })
  }
}
