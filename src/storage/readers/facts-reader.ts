import type { BaselineLane } from '../../decisions/baselines/lanes.ts'
import type { RecordedDecision } from '../../decisions/decision.ts'
import type { FactsReader, ObservedEvidence, SubjectFacts } from '../../decisions/ports.ts'
import type { Evidence, Link, Observation } from '../../evidence/evidence.ts'
import { formatInstant } from '../../core/time.ts'
import { ownersIn } from '../../evidence/lane.ts'
import { storedFindingKey } from '../findings.ts'
import { recordedDecisions, voidedAtOf } from './decision-store.ts'
import { groundedDeployments } from './deployment-store.ts'
import { holders } from './identity-store.ts'
import { readDocument } from './document.ts'
import type { RevisionReader } from './revisions.ts'
import type { ReadSession, Row } from './session.ts'

const KEYS_PER_QUERY = 2000
const KEPT_DECISIONS = 500
/** Of one lane that are looked at: however often a report is repeated, this many are read. */
const MOST_OBSERVATIONS = 1000

const JUDGED_BY = ['evidence', 'approvals', 'waivers', 'calendars', 'blocks', 'bindings', 'policies'] as const

/** Reads what decisions rest on. */
export function factsReader(session: ReadSession, revisions: RevisionReader): FactsReader {
  const decisions = new Map<number, RecordedDecision>()
  return {
    evidenceRevision: () => revisions.current('evidence'),
    revision: async () => (await Promise.all(JUDGED_BY.map((name) => revisions.current(name)))).join(),
    about: (subject) => about(session, subject),
    evidence: (ids) => evidenceById(session, ids),
    document: (evidenceId) => readDocument(session, evidenceId),
    firstSeen: (repositories, keys) => firstSeen(session, repositories, keys),
    previousCoverage: (...where) => previousCoverage(session, ...where),
    subjectsReporting: (...where) => subjectsReporting(session, ...where),
    holders: (identities) => holders(session, identities),
    newestDecisions: (subjects) => newestDecisions(session, decisions, subjects),
    priorDecisions: async (subjects) => (await newestDecisions(session, decisions, subjects)).filter(({ voidedAt }) => voidedAt === null),
    lastGroundedDeployment: async (environment, repository, before, notSubject) =>
      (await groundedDeployments(session, environment, repository, before, 1, notSubject))[0],
    groundedDeployments: (...where) => groundedDeployments(session, ...where),
  }
}

async function evidenceById(session: ReadSession, ids: readonly string[]): Promise<ReadonlyMap<string, Evidence>> {
  if (ids.length === 0) return new Map()
  const rows = await session.all(`select id, record from evidence where ${session.oneOf('id')}`, [ids])
  return new Map(rows.map((row) => [String(row['id']), JSON.parse(String(row['record'])) as Evidence]))
}

/**
 * An artifact sees its sources, the index that it is a platform of with that index's sources, and, if it is an index
 * itself, its platforms.
 */
async function about(session: ReadSession, subject: string): Promise<SubjectFacts> {
  const own = await session.all(
    `select * from links where from_id = ? union all select * from links where to_id = ? and kind = 'platform' and from_id <> to_id`,
    [subject, subject],
  )
  const indexes = own.map(linkFromRow).filter(({ kind, to }) => kind === 'platform' && to === subject)
  const inherited =
    indexes.length === 0
      ? []
      : await session.all(`select * from links where kind = 'source' and ${session.oneOf('from_id')}`, [indexes.map(({ from }) => from)])
  const links = [...own, ...inherited].map(linkFromRow)
  const subjects = new Set([subject, ...links.flatMap(({ from, to }) => [from, to])])
  return { links, observed: await observedEvidence(session, [...subjects]) }
}

async function observedEvidence(session: ReadSession, subjects: readonly string[]): Promise<ObservedEvidence[]> {
  const rows = await session.all(`select no, record from evidence where ${session.oneOf('subject')}`, [subjects])
  if (rows.length === 0) return []
  const evidence = new Map(rows.map((row) => [Number(row['no']), JSON.parse(String(row['record'])) as Evidence]))
  const observations = await session.all(`select evidence_no, record from observations where ${session.oneOf('evidence_no')} order by no`, [
    [...evidence.keys()],
  ])
  return observations.flatMap((row) => {
    const observed = evidence.get(Number(row['evidence_no']))
    return observed ? [{ evidence: observed, observation: JSON.parse(String(row['record'])) as Observation }] : []
  })
}

export function linkFromRow(row: Row): Link {
  return {
    from: String(row['from_id']),
    to: String(row['to_id']),
    kind: row['kind'] as Link['kind'],
    proof: row['proof'] as Link['proof'],
    platform: row['platform'] as string | null,
    declaredBy: String(row['declared_by']),
    declarerGroups: JSON.parse(String(row['declarer_groups'])) as string[],
    repositories: JSON.parse(String(row['scope'])) as string[] | null,
    at: String(row['at']),
  }
}

/** Asks in parts and lets other requests run between them. */
export async function firstSeen(
  session: ReadSession,
  repositories: readonly string[],
  keys: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const original = new Map(keys.map((key) => [storedFindingKey(key), key]))
  const stored = [...original.keys()]
  const seen = new Map<string, number>()
  for (let at = 0; at < stored.length; at += KEYS_PER_QUERY) {
    if (at > 0) await new Promise((resolve) => setImmediate(resolve))
    const part = stored.slice(at, at + KEYS_PER_QUERY)
    const rows = await session.all(
      `select finding, at from first_seen where ${session.oneOf('repository')} and ${session.oneOf('finding')}`,
      [repositories, part],
    )
    for (const row of rows) noteEarliest(seen, original.get(String(row['finding'])), Number(row['at']))
  }
  return seen
}

function noteEarliest(seen: Map<string, number>, key: string | undefined, at: number): void {
  if (key === undefined) return
  const known = seen.get(key)
  if (known === undefined || at < known) seen.set(key, at)
}

async function previousCoverage(
  session: ReadSession,
  repository: string,
  name: string | null,
  before: number,
  notSubjects: readonly string[],
): Promise<{ evidence: Evidence; document: NonNullable<Awaited<ReturnType<typeof readDocument>>> } | undefined> {
  const [row] = await session.all(
    `select e.record from observations o join evidence e on e.no = o.evidence_no
      where o.coverage = 1 and o.repository = ? and o.at < ? and e.name = ? and not ${session.oneOf('e.subject')}
      order by o.at desc, o.no desc limit 1`,
    [repository, formatInstant(before), name ?? '', notSubjects],
  )
  if (!row) return undefined
  const evidence = JSON.parse(String(row['record'])) as Evidence
  const document = await readDocument(session, evidence.id)
  return document && { evidence, document }
}

async function subjectsReporting(session: ReadSession, lane: BaselineLane, until: number, limit: number): Promise<string[]> {
  const rows = await session.all(
    `select subject from (
        select e.subject, o.at, o.no from observations o join evidence e on e.no = o.evidence_no
        where o.complete = 1 and o.scope_id = (select id from observation_scopes where globs = ?) and o.tool = ? and o.name = ? and o.at <= ? order by o.at desc, o.no desc limit ?) as newest
      group by subject order by max(at) desc, max(no) desc limit ?`,
    [JSON.stringify(ownersIn(lane.repository)), lane.tool, lane.name, formatInstant(until), MOST_OBSERVATIONS, limit],
  )
  return rows.map((row) => String(row['subject']))
}

/** Recorded decisions never change, so those read before are kept; whether they were voided is read each time. */
async function newestDecisions(
  session: ReadSession,
  kept: Map<number, RecordedDecision>,
  subjects: readonly string[],
): Promise<RecordedDecision[]> {
  const rows = await session.all(
    `select n.log_index, v.at as voided_at
      from (select max(log_index) as log_index from newest_decisions where ${session.oneOf('subject')} group by stage, environment, repository) as n
      left join decision_voids v on v.log_index = n.log_index`,
    [subjects],
  )
  const voids = new Map(rows.map((row) => [Number(row['log_index']), voidedAtOf(row)]))
  const indexes = [...voids.keys()].sort((a, b) => b - a)
  for (const decision of await recordedDecisions(
    session,
    indexes.filter((index) => !kept.has(index)),
  )) {
    if (kept.size >= KEPT_DECISIONS) kept.clear()
    kept.set(decision.logIndex, decision)
  }
  return indexes.flatMap((index) => {
    const decision = kept.get(index)
    return decision ? [{ ...decision, voidedAt: voids.get(index) ?? null }] : []
  })
}
