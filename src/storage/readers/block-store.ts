import type { BlockFilter, BlockStore } from '../../governance/blocks/ports.ts'
import { blockFromRow, type BlockRow } from '../rows.ts'
import type { WriterClient } from '../writer/client.ts'
import { Conditions } from './conditions.ts'
import { cursorKey, pageOf } from './cursor.ts'
import type { RevisionReader } from './revisions.ts'
import type { ReadSession, Row } from './session.ts'

const HOLDS = 'lifted_at is null and (expires_at is null or expires_at > ?)'

/** What is blocked; newest first. */
export function blockStore(session: ReadSession, writer: WriterClient, revisions: RevisionReader): BlockStore {
  return {
    revision: () => revisions.current('blocks'),
    placed: async (now) => {
      // In one statement, so that the newest number is that of what was read.
      const rows = await session.all(
        `select b.*, n.newest from (select max(no) as newest from blocks) as n left join (select * from blocks where ${HOLDS}) as b on true`,
        [now],
      )
      const blocks = rows.filter((row) => row['id'] !== null).map((row) => withoutEnd(row))
      return { blocks, newest: Number(rows[0]?.['newest'] ?? 0) }
    },
    place: (block, entry, idempotency) => writer.submit('placeBlock', { block, entry, idempotency }),
    find: async (id) => (await session.all('select * from blocks where id = ?', [id])).map(blockOf)[0],
    list: async (filter, page, now) => {
      const conditions = conditionsOf(filter, now).addIf(cursorKey(page.after), 'no < ?')
      const sql = `select * from blocks ${conditions.toSql()} order by no desc limit ?`
      return pageOf(await session.all(sql, [...conditions.parameters, page.limit + 1]), page, (row) => Number(row['no']), blockOf)
    },
  }
}

function conditionsOf({ subject, state }: BlockFilter, now: string): Conditions {
  const conditions = new Conditions().addIf(subject, 'subject = ?')
  if (state === 'active') return conditions.add(HOLDS, now)
  if (state === 'ended') return conditions.add('lifted_at is null and expires_at <= ?', now)
  return state === 'lifted' ? conditions.add('lifted_at is not null') : conditions
}

function blockOf(row: Row) {
  return blockFromRow(row as unknown as BlockRow)
}

function withoutEnd(row: Row) {
  const { liftedAt: _at, liftedBy: _by, ...block } = blockOf(row)
  return block
}
