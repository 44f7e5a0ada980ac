import type { EntryDraft } from '../core/log-entry.ts'
import type { Project, Team } from './model.ts'

/** All that is known of who owns what, at one instant. */
export interface OwnershipRecords {
  projects: readonly Project[]
  teams: readonly Team[]
}

/** Keeps projects and teams; every change is a new revision and a log entry. */
export interface OwnershipStore {
  /** Grows with every committed change of projects and teams; equal numbers mean that an earlier `all` still holds. */
  revision(): Promise<number>
  all(): Promise<OwnershipRecords>
  /**
   * Creates or replaces; the store sets `revision`.
   * @throws {AppError} what `requirePlaceFor` does, judged by the state that it is written into
   */
  putProject(project: Omit<Project, 'revision'>, entry: EntryDraft): Promise<{ project: Project; created: boolean }>
  /** @returns false if there is none of that name */
  removeProject(name: string, entry: EntryDraft): Promise<boolean>
  /** Creates or replaces; the store sets `revision`. @throws {AppError} `teams_too_many` */
  putTeam(team: Omit<Team, 'revision'>, entry: EntryDraft): Promise<{ team: Team; created: boolean }>
  /** @returns false if there is none of that name @throws {AppError} `team_owns_projects` */
  removeTeam(name: string, entry: EntryDraft): Promise<boolean>
}
