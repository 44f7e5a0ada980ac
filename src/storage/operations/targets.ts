import type { WriteBatch } from '../writer/write-batch.ts'

/** How often a target of changes was changed; 0 if never. */
export async function targetRevision(batch: WriteBatch, target: string): Promise<number> {
  const row = await batch.engine.kysely.selectFrom('target_revisions').select('revision').where('target', '=', target).executeTakeFirst()
  return row?.revision ?? 0
}

/** To be called by whatever changes something that changes can be proposed for: those that wait were made for what it was before. */
export async function touchTarget(batch: WriteBatch, target: string): Promise<void> {
  await batch.engine.run(
    `insert into target_revisions (target, revision) values (?, 1)
      on conflict (target) do update set revision = target_revisions.revision + 1`,
    [target],
  )
  await batch.engine.run(`update changes set state = 'outdated' where target = ? and state = 'pending'`, [target])
}
