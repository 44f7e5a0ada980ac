import type { AdministratorReader } from '../../auth/ports.ts'
import { countsStill, LOGIN_WITHIN_MS } from '../../auth/second-person.ts'
import { formatInstant, parseInstant } from '../../core/time.ts'
import { tokenFromRow, type TokenRow } from '../rows.ts'
import type { ReadSession } from './session.ts'

/** Who has, or lately had, every right. */
export function administratorReader(session: ReadSession): AdministratorReader {
  return {
    isAdministrator: async (principalId, at) => {
      const now = parseInstant(at) ?? 0
      const tokens = await session.all('select * from tokens where principal_id = ? and admin = 1', [principalId])
      if (tokens.some((row) => countsStill(tokenFromRow(row as unknown as TokenRow), now))) return true
      const login = 'select id from principals where id = ? and admin_login_at > ?'
      return (await session.all(login, [principalId, formatInstant(now - LOGIN_WITHIN_MS)])).length > 0
    },
  }
}
