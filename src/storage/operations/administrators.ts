import {
  declaredAdministrators,
  ENDED_WITHIN_MS,
  isPerson,
  LOGIN_WITHIN_MS,
  secondPersonRule,
  type SecondPersonRule,
} from '../../auth/second-person.ts'
import type { Issuer } from '../../auth/issuers/model.ts'
import type { Principal } from '../../core/principal.ts'
import { formatInstant, parseInstant } from '../../core/time.ts'
import { tokenFromRow } from '../rows.ts'
import type { WriteBatch } from '../writer/write-batch.ts'

/** Whether a second person is needed, as this transaction sees it. @param at RFC 3339 */
export async function ruleNow(batch: WriteBatch, at: string): Promise<SecondPersonRule> {
  const now = parseInstant(at)
  if (now === undefined) throw new TypeError('the time of a change is RFC 3339')
  const loginConfigured = await peopleLogIn(batch)
  return secondPersonRule({ loginConfigured, proven: await proven(batch, now), declared: await declared(batch, now) })
}

async function peopleLogIn({ engine: { kysely } }: WriteBatch): Promise<boolean> {
  const rows = await kysely.selectFrom('issuers').select('record').execute()
  return rows.some(({ record }) => (JSON.parse(record) as Issuer).login !== null)
}

async function proven({ engine: { kysely } }: WriteBatch, now: number): Promise<number> {
  const rows = await kysely
    .selectFrom('principals')
    .select('record')
    .where('admin_login_at', '>', formatInstant(now - LOGIN_WITHIN_MS))
    .execute()
  return rows.filter(({ record }) => isPerson(JSON.parse(record) as Principal)).length
}

async function declared({ engine: { kysely } }: WriteBatch, now: number): Promise<number> {
  const rows = await kysely
    .selectFrom('tokens as t')
    .innerJoin('principals as p', 'p.id', 't.principal_id')
    .select(['t.record', 't.superseded_by', 't.overlap_until', 't.revoked_at', 't.last_used_at', 'p.record as principal'])
    .where('t.admin', '=', 1)
    .where((where) => where.or([where('t.revoked_at', 'is', null), where('t.revoked_at', '>', formatInstant(now - ENDED_WITHIN_MS))]))
    .execute()
  return declaredAdministrators(
    rows.map((row) => ({ token: tokenFromRow(row), principal: JSON.parse(row.principal) as Principal })),
    now,
  )
}
