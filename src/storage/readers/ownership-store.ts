import type { OwnershipStore } from '../../ownership/ports.ts'
import { ownershipFromRows } from '../rows.ts'
import type { WriterClient } from '../writer/client.ts'
import type { RevisionReader } from './revisions.ts'
import type { ReadSession } from './session.ts'

/** Projects and teams; every change is a revision and a log entry. */
export function ownershipStore(session: ReadSession, writer: WriterClient, revisions: RevisionReader): OwnershipStore {
  return {
    revision: () => revisions.current('ownership'),
    all: async () => {
      // In one statement, so that no change comes between projects and the teams that they name.
      const rows = await session.all(
        `select 'project' as kind, name, record from projects union all select 'team', name, record from teams order by kind, name`,
      )
      return ownershipFromRows(rows.map(({ kind, record }) => ({ kind: String(kind), record: String(record) })))
    },
    putProject: (project, entry) => writer.submit('putProject', { project, entry }),
    removeProject: (name, entry) => writer.submit('removeProject', { name, entry }),
    putTeam: (team, entry) => writer.submit('putTeam', { team, entry }),
    removeTeam: (name, entry) => writer.submit('removeTeam', { name, entry }),
  }
}
