import type { Confinement } from '../core/principal.ts'
import { repositoriesMayMeet } from '../core/repository.ts'
import type { Project } from './model.ts'
import type { OwnershipMap } from './ownership-map.ts'

/** A confined asker knows of the projects that its repositories may be part of. */
export function maySeeProject({ repositories: globs }: Project, { repositories }: Confinement): boolean {
  return !repositories || repositoriesMayMeet(lowerCase(globs), lowerCase(repositories))
}

/** And of the teams that own one of these. */
export function maySeeTeam(name: string, { projects }: OwnershipMap, confinement: Confinement): boolean {
  if (!confinement.repositories) return true
  return [...projects.values()].some((project) => project.owners.includes(name) && maySeeProject(project, confinement))
}

function lowerCase(globs: readonly string[]): string[] {
  return globs.map((glob) => glob.toLowerCase())
}
