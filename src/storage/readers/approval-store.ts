import type { Principal } from '../../core/principal.ts'
import { matchesAnyRepository } from '../../core/repository.ts'
import type { Page, PageRequest } from '../../core/page.ts'
import { placeKey, type Approval, type ApprovalParty, type HeldApproval } from '../../governance/approvals/approval.ts'
import type { ApprovalFilter, ApprovalsThere, ApprovalStore } from '../../governance/approvals/ports.ts'
import { approvalFromRow } from '../rows.ts'
import type { WriterClient } from '../writer/client.ts'
import { Conditions } from './conditions.ts'
import { cursorKey, pageOf } from './cursor.ts'
import type { ReadSession, Row } from './session.ts'

/** So many words for one subject and place are read, approvals before requests, the newest first. */
const MOST_APPROVALS = 200

/** Approvals and requests for them; newest first. */
export function approvalStore(session: ReadSession, writer: WriterClient): ApprovalStore {
  return {
    add: (record) => writer.submit('addApproval', record),
    revoke: (record) => writer.submit('revokeApproval', record),
    settle: (place) =>
      writer.submit('settleApprovals', { subject: place.subject, place: placeKey(place), repository: place.repository ?? '' }),
    waiting: async (since) => {
      const [row] = await session.all('select count(*) as waiting from approval_waits where since > ?', [since])
      return Number(row?.['waiting'] ?? 0)
    },
    find: async (id, visibleTo) => {
      const [row] = await session.all('select state, record from approvals where id = ?', [id])
      const approval = row && approvalOf(row)
      return approval && isVisible(approval, visibleTo) ? approval : undefined
    },
    list: (filter, page, now) => list(session, filter, page, now),
    at: (subjects, place) => approvalsAt(session, subjects, place),
    peopleIn: (groups) => peopleIn(session, groups),
  }
}

async function list(session: ReadSession, filter: ApprovalFilter, page: PageRequest, now: string): Promise<Page<Approval>> {
  const conditions = conditionsOf(filter, now).addIf(cursorKey(page.after), 'no < ?')
  const { repositories, environments, stages } = filter.visibleTo ?? {}
  if (repositories) {
    const rows = await session.all(`select distinct repository from approvals where repository <> ''`)
    const names = rows.map((row) => String(row['repository'])).filter((name) => matchesAnyRepository(repositories, name))
    conditions.add(session.oneOf('repository'), names)
  }
  conditions.addIf(environments, session.oneOf('environment')).addIf(stages, session.oneOf('stage'))
  const sql = `select no, state, record from approvals ${conditions.toSql()} order by no desc limit ?`
  return pageOf(await session.all(sql, [...conditions.parameters, page.limit + 1]), page, (row) => Number(row['no']), approvalOf)
}

function conditionsOf({ state, kind, subject, stage, environment, repository, by }: ApprovalFilter, now: string): Conditions {
  const conditions = new Conditions()
    .addIf(kind, 'kind = ?')
    .addIf(subject, 'subject = ?')
    .addIf(stage, 'stage = ?')
    .addIf(environment, 'environment = ?')
    .addIf(repository, 'repository = ?')
  if (state === 'expired') conditions.add(`state <> 'revoked' and expires_at <= ?`, now)
  else if (state === 'revoked') conditions.add('state = ?', state)
  else if (state !== undefined) conditions.add('state = ? and expires_at > ?', state, now)
  return by === undefined ? conditions : conditions.add('(given_by = ? or given_by = (select id from principals where name = ?))', by, by)
}

function isVisible({ repository, environment, stage }: Approval, visibleTo: ApprovalFilter['visibleTo']): boolean {
  const { repositories, environments, stages } = visibleTo ?? {}
  if (repositories && (repository === null || !matchesAnyRepository(repositories, repository))) return false
  return (environments?.includes(environment) ?? true) && (stages?.includes(stage) ?? true)
}

/** With the approvers as they are now: whoever left a group, or was disabled, no longer counts. */
async function approvalsAt(session: ReadSession, subjects: readonly string[], place: string): Promise<ApprovalsThere> {
  const rows = await session.all(
    `select a.kind, a.state, a.record, p.record as holder from approvals a join principals p on p.id = a.given_by
      where ${session.oneOf('a.subject')} and a.place = ? and a.state <> 'revoked' order by a.kind, a.no desc limit ?`,
    [subjects, place, MOST_APPROVALS],
  )
  return {
    approvals: rows.filter((row) => row['kind'] === 'approval').map(heldOf),
    requesters: rows.filter((row) => row['kind'] === 'request').map((row): ApprovalParty => approvalOf(row).by),
  }
}

function heldOf(row: Row): HeldApproval {
  const { name, kind, disabled, groups } = JSON.parse(String(row['holder'])) as Principal
  return { approval: approvalOf(row), holder: { name, isPerson: kind === 'human' && !disabled, groups } }
}

function approvalOf(row: Row): Approval {
  return approvalFromRow(row as { record: string; state: Approval['state'] })
}

async function peopleIn(session: ReadSession, groups: readonly string[]): Promise<number> {
  const members = `where id in (select principal_id from principal_groups where ${session.oneOf('name')})`
  const rows = await session.all(`select record from principals ${groups.length === 0 ? '' : members}`, groups.length === 0 ? [] : [groups])
  const principals = rows.map((row) => JSON.parse(String(row['record'])) as Principal)
  return principals.filter(({ kind, disabled }) => kind === 'human' && !disabled).length
}
