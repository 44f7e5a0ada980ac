import { canonicalDigest } from '../core/canonical-json.ts'
import { entryHeader } from '../core/entry-header.ts'
import type { Cause, EntryDraft } from '../core/log-entry.ts'
import type { Binding } from './model.ts'
import { bindingDeletionRecord, bindingRecord } from './records.ts'

/** A binding was created or replaced. */
export function bindingEntry(binding: Omit<Binding, 'revision'>, cause: Cause): EntryDraft {
  const body = { digest: canonicalDigest(bindingRecord(binding)), binding: binding.name, pack: binding.pack, mode: binding.mode }
  return { ...entryHeader('binding.changed', cause), body, detail: { updatedBy: binding.updatedBy } }
}

/** A binding was deleted. */
export function bindingDeletedEntry(name: string, by: string, cause: Cause): EntryDraft {
  const body = { digest: canonicalDigest(bindingDeletionRecord(name)), binding: name }
  return { ...entryHeader('binding.deleted', cause), body, detail: { updatedBy: by } }
}
