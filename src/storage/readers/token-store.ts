import type { Principal } from '../../core/principal.ts'
import type { TokenRecord, TokenStore } from '../../auth/ports.ts'
import { tokenFromRow, type TokenRow } from '../rows.ts'
import type { WriterClient } from '../writer/client.ts'
import { Conditions } from './conditions.ts'
import { cursorKey, pageOf } from './cursor.ts'
import type { RevisionReader } from './revisions.ts'
import type { ReadSession, Row } from './session.ts'
import { addPeople, tallyTokens, tokenConditions } from './token-query.ts'

/** Principals and tokens; lists of tokens are newest first, lists of principals in the order of their making. */
export function tokenStore(session: ReadSession, writer: WriterClient, revisions: RevisionReader): TokenStore {
  return {
    revision: () => revisions.current('tokens'),
    findByHash: (hash) => findByHash(session, hash),
    find: async (id) => (await session.all('select * from tokens where id = ?', [id])).map(tokenOf)[0],
    givenHashes: async () => {
      const rows = await session.all(`select hash from tokens where issued_with is null and kind = 'token'`)
      return rows.map((row) => String(row['hash']))
    },
    list: async (filter, page) => {
      const conditions = tokenConditions(session, filter).addIf(cursorKey(page.after), 'no < ?')
      const sql = `select * from tokens ${conditions.toSql()} order by no desc limit ?`
      return pageOf(await session.all(sql, [...conditions.parameters, page.limit + 1]), page, rowNumber, tokenOf)
    },
    tally: (at, expiresBefore, unusedSince) => tallyTokens(session, at, expiresBefore, unusedSince),
    create: (token, entry, idempotency) => writer.submit('createToken', { token, entry, idempotency }),
    revoke: (id, cause, issued) => writer.submit('revokeToken', { id, cause, issued }),
    rotate: (rotation, idempotency) => writer.submit('rotateToken', { rotation, idempotency }),
    touch: (uses) => writer.submit('touchTokens', [...uses]),
    principal: async (idOrName) => {
      const rows = await session.all('select record, id from principals where id = ? or name = ?', [idOrName, idOrName])
      // An id is never mistaken for somebody else's name.
      return principalOf(rows.find((row) => row['id'] === idOrName) ?? rows[0])
    },
    principals: async (page, people) => {
      const conditions = new Conditions().addIf(cursorKey(page.after), 'no > ?')
      if (people) addPeople(conditions, session, 'id', people)
      const sql = `select no, record from principals ${conditions.toSql()} order by no limit ?`
      const rows = await session.all(sql, [...conditions.parameters, page.limit + 1])
      return pageOf(rows, page, rowNumber, (row) => JSON.parse(String(row['record'])) as Principal)
    },
    putPrincipal: (principal, cause) => writer.submit('putPrincipal', { principal, cause }),
  }
}

async function findByHash(session: ReadSession, hash: string): Promise<{ token: TokenRecord; principal: Principal } | undefined> {
  const [row] = await session.all(
    `select t.record, t.superseded_by, t.overlap_until, t.revoked_at, t.last_used_at, p.record as principal
      from tokens t join principals p on p.id = t.principal_id where t.hash = ?`,
    [hash],
  )
  return row && { token: tokenOf(row), principal: JSON.parse(String(row['principal'])) as Principal }
}

function tokenOf(row: Row): TokenRecord {
  return tokenFromRow(row as unknown as TokenRow)
}

function principalOf(row: Row | undefined): Principal | undefined {
  return row && (JSON.parse(String(row['record'])) as Principal)
}

function rowNumber(row: Row): number {
  return Number(row['no'])
}
