import { canonicalDigest } from '../core/canonical-json.ts'
import type { Clock } from '../core/clock.ts'
import type { EntryDraft } from '../core/log-entry.ts'
import type { Access } from '../core/principal.ts'
import { formatInstant } from '../core/time.ts'
import type { Project, Team } from './model.ts'
import { projectRecord, removalRecord, teamRecord } from './records.ts'

/** Who changes something, and in which request. */
export interface Cause {
  /** Id of a principal. */
  actor: string
  /** The principal's name. */
  updatedBy: string
  /** RFC 3339. */
  at: string
  requestId: string
}

export function causeOf({ principal }: Access, clock: Clock, requestId: string): Cause {
  return { actor: principal.id, updatedBy: principal.name, at: formatInstant(clock.now()), requestId }
}

/** Description and contact are free text and lie beside the leaf. */
export function projectChangedEntry(project: Omit<Project, 'revision'>, cause: Cause): EntryDraft {
  const { name, repositories, namespaces, owners, description, contact } = project
  return {
    ...headerOf('project.changed', cause),
    body: { digest: canonicalDigest(projectRecord(project)), project: name, repositories, namespaces, owners },
    detail: { description, contact, updatedBy: cause.updatedBy },
  }
}

/** Members and groups may name persons, so they lie beside the leaf too. */
export function teamChangedEntry(team: Omit<Team, 'revision'>, cause: Cause): EntryDraft {
  const { name, description, members, groups, contact } = team
  return {
    ...headerOf('team.changed', cause),
    body: { digest: canonicalDigest(teamRecord(team)), team: name },
    detail: { description, members, groups, contact, updatedBy: cause.updatedBy },
  }
}

export function removedEntry(kind: 'project' | 'team', name: string, cause: Cause): EntryDraft {
  return {
    ...headerOf(`${kind}.removed`, cause),
    body: { digest: canonicalDigest(removalRecord(kind, name)), [kind]: name },
    detail: { updatedBy: cause.updatedBy },
  }
}

function headerOf(type: EntryDraft['type'], { actor, at, requestId }: Cause): Pick<EntryDraft, 'type' | 'actor' | 'at' | 'requestId'> {
  return { type, actor, at, requestId }
}
