import type { EntryDraft } from '../../core/log-entry.ts'
import type { Binding } from '../../policy/model.ts'
import { bindingDeletionRecord, bindingRecord } from '../../policy/records.ts'
import type { WriteBatch } from '../writer/write-batch.ts'
import { appendWithRecord } from './records.ts'

type NewBinding = Omit<Binding, 'revision'>

/** Creates or replaces a binding. */
export async function putBinding(batch: WriteBatch, { binding, entry }: { binding: NewBinding; entry: EntryDraft }) {
  const { kysely } = batch.engine
  const { name } = binding
  const revision = (await newestRevision(batch, name)) + 1
  const kept: Binding = { ...binding, revision }
  const record = JSON.stringify(kept)
  const exists = await kysely.selectFrom('bindings').select('name').where('name', '=', name).executeTakeFirst()
  await kysely
    .insertInto('bindings')
    .values({ name, revision, record })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ revision, record }))
    .execute()
  await keepRevision(batch, { name, revision, record, at: entry.at })
  appendWithRecord(batch, entry, bindingRecord(binding))
  return { binding: kept, created: exists === undefined }
}

/** @returns false if there is none of that name */
export async function removeBinding(batch: WriteBatch, { name, entry }: { name: string; entry: EntryDraft }): Promise<boolean> {
  const { numDeletedRows } = await batch.engine.kysely.deleteFrom('bindings').where('name', '=', name).executeTakeFirst()
  if (Number(numDeletedRows) === 0) return false
  await keepRevision(batch, { name, revision: (await newestRevision(batch, name)) + 1, record: null, at: entry.at })
  appendWithRecord(batch, entry, bindingDeletionRecord(name))
  return true
}

/** Writes the given bindings if none was ever written. */
export async function seedBindings(
  batch: WriteBatch,
  { bindings, entries }: { bindings: readonly NewBinding[]; entries: readonly EntryDraft[] },
): Promise<boolean> {
  const written = await batch.engine.kysely.selectFrom('binding_revisions').select('no').limit(1).executeTakeFirst()
  if (written) return false
  for (const [at, binding] of bindings.entries()) {
    const entry = entries[at]
    if (!entry) throw new TypeError('every binding has a log entry')
    await putBinding(batch, { binding, entry })
  }
  return true
}

async function newestRevision(batch: WriteBatch, name: string): Promise<number> {
  const { kysely } = batch.engine
  const row = await kysely
    .selectFrom('binding_revisions')
    .select((select) => select.fn.max('revision').as('revision'))
    .where('name', '=', name)
    .executeTakeFirst()
  return row?.revision ?? 0
}

async function keepRevision(batch: WriteBatch, row: { name: string; revision: number; record: string | null; at: string }): Promise<void> {
  await batch.engine.kysely.insertInto('binding_revisions').values(row).execute()
  batch.touch('bindings')
}
