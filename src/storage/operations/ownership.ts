import type { EntryDraft } from '../../core/log-entry.ts'
import type { Project, Team } from '../../ownership/model.ts'
import { requireOwnsNothing, requirePlaceFor, requireRoomForTeam } from '../../ownership/place.ts'
import type { OwnershipRecords } from '../../ownership/ports.ts'
import { projectRecord, removalRecord, teamRecord } from '../../ownership/records.ts'
import { ownershipFromRows } from '../rows.ts'
import type { WriteBatch } from '../writer/write-batch.ts'
import { appendWithRecord } from './records.ts'
import { putRevised, removeRevised } from './revised.ts'

/** Creates or replaces a project, unless it has no place among the others. Writers take turns, so none can come between. */
export async function putProject(
  batch: WriteBatch,
  { project, entry }: { project: Omit<Project, 'revision'>; entry: EntryDraft },
): Promise<{ project: Project; created: boolean }> {
  requirePlaceFor(project, await known(batch))
  const { kept, created } = await putRevised(batch, 'project', project, entry.at)
  appendWithRecord(batch, entry, projectRecord(project))
  batch.touch('ownership')
  return { project: kept, created }
}

/** @returns false if there is none of that name */
export async function removeProject(batch: WriteBatch, { name, entry }: { name: string; entry: EntryDraft }): Promise<boolean> {
  if (!(await removeRevised(batch, 'project', name, entry.at))) return false
  appendWithRecord(batch, entry, removalRecord('project', name))
  batch.touch('ownership')
  return true
}

/** Creates or replaces a team. */
export async function putTeam(
  batch: WriteBatch,
  { team, entry }: { team: Omit<Team, 'revision'>; entry: EntryDraft },
): Promise<{ team: Team; created: boolean }> {
  requireRoomForTeam(team.name, await known(batch))
  const { kept, created } = await putRevised(batch, 'team', team, entry.at)
  appendWithRecord(batch, entry, teamRecord(team))
  batch.touch('ownership')
  return { team: kept, created }
}

/** Removes a team that owns nothing. @returns false if there is none of that name */
export async function removeTeam(batch: WriteBatch, { name, entry }: { name: string; entry: EntryDraft }): Promise<boolean> {
  requireOwnsNothing(name, await known(batch))
  if (!(await removeRevised(batch, 'team', name, entry.at))) return false
  appendWithRecord(batch, entry, removalRecord('team', name))
  batch.touch('ownership')
  return true
}

async function known({ engine: { kysely } }: WriteBatch): Promise<OwnershipRecords> {
  return ownershipFromRows([
    ...(await kysely.selectFrom('projects').select('record').execute()).map(({ record }) => ({ kind: 'project', record })),
    ...(await kysely.selectFrom('teams').select('record').execute()).map(({ record }) => ({ kind: 'team', record })),
  ])
}
