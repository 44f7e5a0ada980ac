import type { IdentityStore } from '../../auth/ports.ts'
import { identityKey } from '../../core/linked-identity.ts'
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
