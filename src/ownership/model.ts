/** What belongs together and to somebody. */
export interface Project {
  name: string
  description: string
  /** Repository globs (see `core/glob.ts`); letter case doesn't count. No repository is in two projects. */
  repositories: readonly string[]
  /** `CLUSTER/NAMESPACE`, or `CLUSTER/*` for all of a cluster. No namespace is in two projects. */
  namespaces: readonly string[]
  /** Names of the teams that answer for it. */
  owners: readonly string[]
  /** Where its owners are reached about it, in place of what their teams say. */
  contact: string | null
  /** Counts changes of this project, from 1. */
  revision: number
  /** RFC 3339 UTC. */
  updatedAt: string
  updatedBy: string
}

/** People who answer for projects. */
export interface Team {
  name: string
  description: string
  /** Names of principals. */
  members: readonly string[]
  /** Groups of principals: whoever is in one of them is a member. */
  groups: readonly string[]
  /** Where it is reached, in its own words. */
  contact: string | null
  /** Counts changes of this team, from 1. */
  revision: number
  /** RFC 3339 UTC. */
  updatedAt: string
  updatedBy: string
}

/** A team that answers for a project, and where it is reached about it. */
export interface Owner {
  team: string
  contact: string | null
}

/** Who answers for a repository: nobody if it is in no project. */
export interface Ownership {
  project: string | null
  owners: readonly Owner[]
}
