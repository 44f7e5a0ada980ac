import type { ChangeState, StoredChange } from '../../governance/changes/change.ts'
import type { ChangeFilter, ChangeStore } from '../../governance/changes/ports.ts'
import { changeFromRow } from '../rows.ts'
import type { WriterClient } from '../writer/client.ts'
import { Conditions } from './conditions.ts'
import { cursorKey, pageOf } from './cursor.ts'
import type { ReadSession, Row } from './session.ts'

/** Changes that wait, or waited, for a second person; newest first. */
export function changeStore(session: ReadSession, writer: WriterClient): ChangeStore {
  return {
    revision: async (target) => {
      const [row] = await session.all('select revision from target_revisions where target = ?', [target])
      return Number(row?.['revision'] ?? 0)
    },
    submit: (submission) => writer.submit('submitChange', submission),
    decide: (decision) => writer.submit('decideChange', decision),
    find: async (id) => (await session.all('select state, record from changes where id = ?', [id])).map(changeOf)[0],
    list: async (filter, page, now) => {
      const conditions = conditionsOf(filter, now).addIf(cursorKey(page.after), 'no < ?')
      const sql = `select no, state, record from changes ${conditions.toSql()} order by no desc limit ?`
      return pageOf(await session.all(sql, [...conditions.parameters, page.limit + 1]), page, (row) => Number(row['no']), changeOf)
    },
  }
}

function conditionsOf({ state, kind, target, proposedBy }: ChangeFilter, now: string): Conditions {
  const conditions = new Conditions().addIf(kind, 'kind = ?').addIf(target, 'target = ?')
  if (state === 'pending') conditions.add(`state = 'pending' and expires_at > ?`, now)
  else if (state === 'expired') conditions.add(`state = 'pending' and expires_at <= ?`, now)
  else conditions.addIf(state, 'state = ?')
  if (proposedBy === undefined) return conditions
  return conditions.add('(proposed_by = ? or proposed_by = (select id from principals where name = ?))', proposedBy, proposedBy)
}

function changeOf(row: Row): StoredChange {
  return changeFromRow(row as { record: string; state: ChangeState })
}
