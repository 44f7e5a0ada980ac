import { repositoriesMayMeet } from '../../core/repository.ts'
import type { WaiverCounts, WaiverFilter, WaiverStore } from '../../governance/waivers/ports.ts'
import { WAIVER_STATES, type Waiver } from '../../governance/waivers/waiver.ts'
import type { WriterClient } from '../writer/client.ts'
import { Conditions } from './conditions.ts'
import { cursorKey, pageOf } from './cursor.ts'
import type { RevisionReader } from './revisions.ts'
import type { ReadSession, Row } from './session.ts'

/** Waivers with their log entries. */
export function waiverStore(session: ReadSession, writer: WriterClient, revisions: RevisionReader): WaiverStore {
  const read = async (where: string, ...parameters: Parameters<ReadSession['all']>[1] & object): Promise<Waiver[]> =>
    (await session.all(`select record from waivers where ${where} order by no`, parameters)).map(waiverOf)
  return {
    revision: () => revisions.current('waivers'),
    request: (record) => writer.submit('requestWaiver', record),
    approve: (vote) => writer.submit('approveWaiver', vote),
    reject: (decision) => writer.submit('rejectWaiver', decision),
    revoke: (decision) => writer.submit('revokeWaiver', decision),
    find: async (id) => (await read('id = ?', id))[0],
    list: async (filter, page, now) => {
      const conditions = (await conditionsOf(session, filter, now)).addIf(cursorKey(page.after), 'no < ?')
      const sql = `select no, record from waivers ${conditions.toSql()} order by no desc limit ?`
      return pageOf(await session.all(sql, [...conditions.parameters, page.limit + 1]), page, (row) => Number(row['no']), waiverOf)
    },
    approved: (now) => read(`state = 'approved' and expires_at > ?`, now),
    inForce: (at) => read('approved_at <= ? and expires_at > ? and (revoked_at is null or revoked_at > ?)', at, at, at),
    byIds: async (ids) => (ids.length === 0 ? [] : read(session.oneOf('id'), ids)),
    counts: (now, soon) => counts(session, now, soon),
  }
}

async function conditionsOf(session: ReadSession, filter: WaiverFilter, now: string): Promise<Conditions> {
  const { state, rule, repository, environment, subject, vulnerability, requestedBy, expiresBefore, visibleTo = {} } = filter
  const conditions = new Conditions()
    .addIf(rule, 'rule = ?')
    .addIf(repository, 'repository = ?')
    .addIf(environment, 'environment = ?')
    .addIf(subject, 'subject = ?')
    .addIf(vulnerability, 'vulnerability = ?')
    .addIf(expiresBefore, 'expires_at < ?')
  if (state === 'requested' || state === 'approved') conditions.add('state = ? and expires_at > ?', state, now)
  else if (state === 'expired') conditions.add(`state in ('requested', 'approved') and expires_at <= ?`, now)
  else conditions.addIf(state, 'state = ?')
  if (requestedBy !== undefined) {
    conditions.add('(requested_by = ? or requested_by = (select id from principals where name = ?))', requestedBy, requestedBy)
  }
  const { repositories, environments, stages } = visibleTo
  if (repositories) conditions.add(session.oneOf('repository'), await meetingGlobs(session, repositories))
  if (environments) conditions.add(`(environment is null or ${session.oneOf('environment')})`, environments)
  if (stages) conditions.add(`(stage is null or ${session.oneOf('stage')})`, stages)
  return conditions
}

/** The globs of waivers that can be about what a confined reader may see. */
async function meetingGlobs(session: ReadSession, visibleTo: readonly string[]): Promise<string[]> {
  const rows = await session.all('select distinct repository from waivers where repository is not null')
  return rows.map((row) => String(row['repository'])).filter((glob) => repositoriesMayMeet([glob], visibleTo))
}

const STATE_NOW = `case when state in ('requested', 'approved') and expires_at <= ? then 'expired' else state end`

async function counts(session: ReadSession, now: string, soon: string): Promise<WaiverCounts> {
  const rows = await session.all(`select state, count(*) as counted from (select ${STATE_NOW} as state from waivers) as w group by state`, [
    now,
  ])
  const byState = new Map(rows.map((row) => [String(row['state']), Number(row['counted'])]))
  const [ending] = await session.all(
    `select count(*) as counted from waivers where state = 'approved' and expires_at > ? and expires_at <= ?`,
    [now, soon],
  )
  const states = Object.fromEntries(WAIVER_STATES.map((state) => [state, byState.get(state) ?? 0])) as WaiverCounts['states']
  return { states, expiringSoon: Number(ending?.['counted'] ?? 0) }
}

function waiverOf(row: Row): Waiver {
  return JSON.parse(String(row['record'])) as Waiver
}
