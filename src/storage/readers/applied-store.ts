import type { AppliedStore } from '../../governance/resources/ports.ts'
import type { ResourceKindName } from '../../governance/resources/resource.ts'
import type { ReadSession } from './session.ts'

/** What was applied, and by which set. */
export function appliedStore(session: ReadSession): AppliedStore {
  return {
    all: async () => {
      const rows = await session.all('select kind, name, set_name, revision, commit_id, at from applied_resources order by kind, name')
      return rows.map((row) => ({
        kind: String(row['kind']) as ResourceKindName,
        name: String(row['name']),
        set: String(row['set_name']),
        revision: Number(row['revision']),
        commit: row['commit_id'] as string | null,
        at: String(row['at']),
      }))
    },
    revisions: async (targets) => {
      if (targets.length === 0) return new Map()
      const places = targets.map(() => '?').join(', ')
      const rows = await session.all(`select target, revision from target_revisions where target in (${places})`, targets)
      return new Map(rows.map((row) => [String(row['target']), Number(row['revision'])]))
    },
  }
}
