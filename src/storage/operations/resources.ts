import type { ChangeEffect } from '../../core/change-kind.ts'
import { outdated } from '../../governance/changes/errors.ts'
import { resourcesTarget, type ApplyEffect } from '../../governance/resources/resources-apply.ts'
import type { WriteBatch } from '../writer/write-batch.ts'
import { appendWithRecord } from './records.ts'
import { targetRevision, touchTarget } from './targets.ts'

/**
 * Carries all changes of an apply out and notes what belongs to the set. A failure of one undoes all: operations are isolated.
 * @throws {AppError} `change_outdated` if anything changed since it was planned, or what a change throws
 */
export async function applyResources(
  batch: WriteBatch,
  { set, commit, bases, effects, held, dropped, entry, record }: ApplyEffect,
  carryOut: (batch: WriteBatch, effect: ChangeEffect) => Promise<unknown>,
): Promise<void> {
  for (const [target, revision] of bases) if ((await targetRevision(batch, target)) !== revision) throw outdated()
  for (const effect of effects) await carryOut(batch, effect)
  for (const { kind, name } of dropped) {
    await batch.engine.run('delete from applied_resources where kind = ? and name = ? and set_name = ?', [kind, name, set])
  }
  for (const { kind, name, target } of held) {
    await batch.engine.run(
      `insert into applied_resources (kind, name, set_name, revision, commit_id, at) values (?, ?, ?, ?, ?, ?)
        on conflict (kind, name) do update set
          set_name = excluded.set_name, revision = excluded.revision, commit_id = excluded.commit_id, at = excluded.at`,
      [kind, name, set, await targetRevision(batch, target), commit, entry.at],
    )
  }
  appendWithRecord(batch, entry, record)
  await touchTarget(batch, resourcesTarget(set))
}
