import type { Issuer } from '../../auth/issuers/model.ts'
import type { IssuerStore } from '../../auth/issuers/ports.ts'
import type { RevisionReader } from './revisions.ts'
import type { ReadSession, Row } from './session.ts'

/** Issuers; every change is a revision and a log entry. */
export function issuerStore(session: ReadSession, revisions: RevisionReader): IssuerStore {
  return {
    revision: () => revisions.current('issuers'),
    all: async () => (await session.all('select record from issuers order by name')).map(issuerFromRow),
    find: async (name) => (await session.all('select record from issuers where name = ?', [name])).map(issuerFromRow)[0],
  }
}

function issuerFromRow(row: Row): Issuer {
  return JSON.parse(String(row['record'])) as Issuer
}
