import type { Binding } from '../../policy/model.ts'
import type { BindingStore } from '../../policy/ports.ts'
import type { WriterClient } from '../writer/client.ts'
import type { RevisionReader } from './revisions.ts'
import type { ReadSession } from './session.ts'

/** Bindings; every change is a revision and a log entry. */
export function bindingStore(session: ReadSession, writer: WriterClient, revisions: RevisionReader): BindingStore {
  return {
    revision: () => revisions.current('bindings'),
    all: async () => (await session.all('select record from bindings order by name')).map(bindingFromRow),
    find: async (name) => (await session.all('select record from bindings where name = ?', [name])).map(bindingFromRow)[0],
    revised: async (name, revision) => {
      const rows = await session.all('select record from binding_revisions where name = ? and revision = ?', [name, revision])
      return rows.flatMap((row) => (row['record'] === null ? [] : [bindingFromRow(row)]))[0]
    },
    put: (binding, runs, entry) => writer.submit('putBinding', { binding, runs, entry }),
    remove: (name, entry) => writer.submit('removeBinding', { name, entry }),
    seed: (bindings, entries) => writer.submit('seedBindings', { bindings, entries }),
  }
}

function bindingFromRow(row: Record<string, unknown>): Binding {
  return JSON.parse(String(row['record'])) as Binding
}
