import type { WriteBatch } from '../writer/write-batch.ts'

/** What is kept as a named record with all states that it ever had, in the tables `KINDs` and `KIND_revisions`. */
type RevisedKind = 'binding' | 'project' | 'team' | 'issuer' | 'window' | 'freeze'

/** Creates or replaces a record. It goes on counting where an earlier one of the name ended. */
export async function putRevised<Value extends { name: string }>(
  batch: WriteBatch,
  kind: RevisedKind,
  value: Value,
  at: string,
): Promise<{ kept: Value & { revision: number }; created: boolean }> {
  const { name } = value
  const revision = (await newestRevision(batch, kind, name)) + 1
  const kept = { ...value, revision }
  const record = JSON.stringify(kept)
  const exists = await batch.engine.get(`select name from ${kind}s where name = ?`, [name])
  await batch.engine.run(
    `insert into ${kind}s (name, revision, record) values (?, ?, ?)
      on conflict (name) do update set revision = excluded.revision, record = excluded.record`,
    [name, revision, record],
  )
  await keepRevision(batch, kind, [name, revision, record, at])
  return { kept, created: exists === undefined }
}

/** @returns false if there is none of that name */
export async function removeRevised(batch: WriteBatch, kind: RevisedKind, name: string, at: string): Promise<boolean> {
  if (!(await batch.engine.get(`delete from ${kind}s where name = ? returning name`, [name]))) return false
  await keepRevision(batch, kind, [name, (await newestRevision(batch, kind, name)) + 1, null, at])
  return true
}

async function newestRevision(batch: WriteBatch, kind: RevisedKind, name: string): Promise<number> {
  const row = await batch.engine.get(`select max(revision) as revision from ${kind}_revisions where name = ?`, [name])
  return Number(row?.['revision'] ?? 0)
}

async function keepRevision(
  batch: WriteBatch,
  kind: RevisedKind,
  row: readonly [name: string, revision: number, record: string | null, at: string],
): Promise<void> {
  await batch.engine.run(`insert into ${kind}_revisions (name, revision, record, at) values (?, ?, ?, ?)`, row)
}
