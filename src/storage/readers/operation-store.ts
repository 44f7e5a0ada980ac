import type { OperationStore } from '../../operations/ports.ts'
import { operationFromRow, type OperationRow } from '../rows.ts'
import type { WriterClient } from '../writer/client.ts'
import { Conditions } from './conditions.ts'
import { cursorKey, pageOf } from './cursor.ts'
import type { ReadSession, Row } from './session.ts'

/** Work in the background, and what it found. */
export function operationStore(session: ReadSession, writer: WriterClient): OperationStore {
  return {
    start: (operation, started, idempotency) => writer.submit('startOperation', { operation, ...started, idempotency }),
    claim: async (kinds, lease) => {
      // Most of the time there is nothing to do, and nothing is written to find that out.
      const [waiting] = await session.all(`select 1 as found from operations where state = 'running' limit 1`)
      return waiting && writer.submit('claimOperation', { kinds, lease, exclusive: session.engine === 'sqlite' })
    },
    save: (id, progress, lease) => writer.submit('saveOperation', { id, progress, lease }),
    release: (id, runner) => writer.submit('releaseOperation', { id, runner }),
    finish: (end, runner) => writer.submit('finishOperation', { end, runner }),
    find: async (id) => (await session.all('select * from operations where id = ?', [id])).map(operationOf)[0],
    list: async ({ ownerId, kind, state }, page) => {
      const conditions = new Conditions()
        .addIf(ownerId, 'owner = ?')
        .addIf(kind, 'kind = ?')
        .addIf(state, 'state = ?')
        .addIf(cursorKey(page.after), 'no < ?')
      const sql = `select * from operations ${conditions.toSql()} order by no desc limit ?`
      const rows = await session.all(sql, [...conditions.parameters, page.limit + 1])
      return pageOf(rows, page, (row) => Number(row['no']), operationOf)
    },
    items: async (id, after, limit) => {
      const rows = await session.all(
        `select i.no, i.item from operation_items i where i.operation_no = (select no from operations where id = ?) and i.no > ?
          order by i.no limit ?`,
        [id, cursorKey(after) ?? -1, limit],
      )
      return rows.map((row) => ({ no: Number(row['no']), item: JSON.parse(String(row['item'])) as unknown }))
    },
  }
}

function operationOf(row: Row) {
  return operationFromRow(row as unknown as OperationRow)
}
