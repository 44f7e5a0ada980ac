import type { Digest } from '../../core/digest.ts'
import type { EntryDraft } from '../../core/log-entry.ts'
import type { Binding } from '../../policy/model.ts'
import { bindingDeletionRecord, bindingRecord } from '../../policy/records.ts'
import { bindingTarget } from '../../policy/targets.ts'
import type { WriteBatch } from '../writer/write-batch.ts'
import { moveBaselineGround } from './grounds.ts'
import { requireRuns } from './policies.ts'
import { appendWithRecord } from './records.ts'
import { putRevised, removeRevised } from './revised.ts'
import { touchTarget } from './targets.ts'

type NewBinding = Omit<Binding, 'revision'>

/**
 * Creates or replaces a binding.
 * @param runs the version that its parameters were found to fit
 */
export async function putBinding(
  batch: WriteBatch,
  { binding, runs, entry }: { binding: NewBinding; runs: Digest; entry: EntryDraft },
): Promise<{ binding: Binding; created: boolean }> {
  await requireRuns(batch, binding, runs)
  return keepBinding(batch, binding, entry)
}

async function keepBinding(batch: WriteBatch, binding: NewBinding, entry: EntryDraft): Promise<{ binding: Binding; created: boolean }> {
  await moveBaselineGround(batch, binding.name, binding, entry.at)
  const { kept, created } = await putRevised(batch, 'binding', binding, entry.at)
  appendWithRecord(batch, entry, bindingRecord(binding))
  batch.touch('bindings')
  await touchTarget(batch, bindingTarget(binding.name))
  return { binding: kept, created }
}

/** @returns false if there is none of that name */
export async function removeBinding(batch: WriteBatch, { name, entry }: { name: string; entry: EntryDraft }): Promise<boolean> {
  await moveBaselineGround(batch, name, undefined, entry.at)
  if (!(await removeRevised(batch, 'binding', name, entry.at))) return false
  appendWithRecord(batch, entry, bindingDeletionRecord(name))
  batch.touch('bindings')
  await touchTarget(batch, bindingTarget(name))
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
    await keepBinding(batch, binding, entry)
  }
  return true
}
