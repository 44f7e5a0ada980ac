import type { Project, Team } from './model.ts'

/**
 * The record that a log entry about a project speaks for: `body.digest` is `canonicalDigest` of it.
 * The revision is not part of it, since only the store knows it.
 */
export function projectRecord(project: Omit<Project, 'revision'>): object {
  const { name, description, repositories, namespaces, owners, contact, updatedAt, updatedBy } = project
  return { name, description, repositories, namespaces, owners, contact, updatedAt, updatedBy }
}

/** The same for a team. */
export function teamRecord(team: Omit<Team, 'revision'>): object {
  const { name, description, members, groups, contact, updatedAt, updatedBy } = team
  return { name, description, members, groups, contact, updatedAt, updatedBy }
}

/** The record that the entry about a removed project or team speaks for. */
export function removalRecord(kind: 'project' | 'team', name: string): object {
  return { [kind]: name, removed: true }
}
