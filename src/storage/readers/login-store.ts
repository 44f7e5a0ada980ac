import { randomBytes } from 'node:crypto'

import { STATE_KEY_BYTES } from '../../auth/login/login-state.ts'
import type { LoginStore, Standing } from '../../auth/login/ports.ts'
import type { WriterClient } from '../writer/client.ts'
import type { ReadSession } from './session.ts'

const STATE_KEY = 'login-state-key'

/** Who logged in, and the key of logins in progress. */
export function loginStore(session: ReadSession, writer: WriterClient): LoginStore {
  const readKey = async (): Promise<Uint8Array | undefined> => {
    const [row] = await session.all('select value from settings where name = ?', [STATE_KEY])
    return row && Buffer.from(String(row['value']), 'base64url')
  }
  let key: Uint8Array | undefined
  return {
    stateKey: async () => {
      key ??= await readKey()
      if (key) return key
      // Replicas may do this at once: the first one's counts for all.
      await writer.submit('keepSecret', { name: STATE_KEY, value: randomBytes(STATE_KEY_BYTES).toString('base64url') })
      key = await readKey()
      if (!key) throw new Error('the key of logins in progress was written, and is not there')
      return key
    },
    logIn: (login) => writer.submit('logIn', login),
    standing: async (principalId, provider) => {
      const [row] = await session.all('select record from logins where principal_id = ? and provider = ?', [principalId, provider])
      return row && (JSON.parse(String(row['record'])) as Standing)
    },
  }
}
