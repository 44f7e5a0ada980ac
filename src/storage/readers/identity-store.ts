import type { IdentityStore } from '../../auth/ports.ts'
import { identityKey, type IdentityName } from '../../core/linked-identity.ts'
import type { Principal } from '../../core/principal.ts'
import type { WriterClient } from '../writer/client.ts'
import type { ReadSession } from './session.ts'

/** Which identities are whose. */
export function identityStore(session: ReadSession, writer: WriterClient): IdentityStore {
  return {
    holder: async (identity) => {
      const [row] = await session.all(
        'select p.record from identities i join principals p on p.id = i.principal_id where i.kind = ? and i.key = ?',
        [identity.kind, identityKey(identity)],
      )
      return row && (JSON.parse(String(row['record'])) as Principal)
    },
    link: (principalId, identity, cause) => writer.submit('linkIdentity', { principalId, identity, cause }),
    unlink: (principalId, identity, cause) => writer.submit('unlinkIdentity', { principalId, identity, cause }),
  }
}

const KEYS_PER_QUERY = 1000

/** `FactsReader.holders`. */
export async function holders(
  session: ReadSession,
  identities: readonly IdentityName[],
): Promise<ReadonlyMap<string, { id: string; name: string }>> {
  const keys = [...new Set(identities.map(identityKey))]
  const found = new Map<string, { id: string; name: string }>()
  for (let at = 0; at < keys.length; at += KEYS_PER_QUERY) {
    const rows = await session.all(
      `select i.kind, i.key, p.id, p.name from identities i join principals p on p.id = i.principal_id where ${session.oneOf('i.key')}`,
      [keys.slice(at, at + KEYS_PER_QUERY)],
    )
    for (const row of rows) found.set(JSON.stringify([row['kind'], row['key']]), { id: String(row['id']), name: String(row['name']) })
  }
  return found
}
