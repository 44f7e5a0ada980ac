import type { Clock } from '../../core/clock.ts'
import type { IdempotencyClaim } from '../../core/idempotency.ts'
import type { Page, PageRequest } from '../../core/page.ts'
import { formatInstant } from '../../core/time.ts'
import type { Evidence, ListedFinding, Observation } from '../../evidence/evidence.ts'
import { firstSeenKey } from '../../evidence/first-seen.ts'
import type { EvidenceFilter, EvidenceStore, NewEvidence } from '../../evidence/ports.ts'
import { findingParts, FINDINGS_PER_PART } from '../findings.ts'
import type { RecordEvidence } from '../operations/evidence.ts'
import type { WriterClient } from '../writer/client.ts'
import { Conditions } from './conditions.ts'
import { cursorKey, pageOf } from './cursor.ts'
import { readDocument, readFindingParts } from './document.ts'
import { firstSeen, linkFromRow } from './facts-reader.ts'
import { asSeen, receiptConditions } from './evidence-sight.ts'
import { mayBeSeen, observationScopes, ownedTest, type RepositoryNarrowing } from './narrowing.ts'
import type { ReadSession, Row } from './session.ts'
import { walkTogether } from './walks.ts'

// A report with more parts is written piece by piece, so that it does not hold up other writes.
const MAX_INLINE_PARTS = 2

/** Evidence, newest first in lists. */
export function evidenceStore(session: ReadSession, writer: WriterClient, clock: Clock): EvidenceStore {
  return {
    record: (submission) => record({ session, writer, clock }, submission),
    recordAll: (submissions, idempotency) => recordAll({ session, writer, clock }, submissions, idempotency),
    find: (id, visibleTo) => find(session, id, visibleTo),
    list: (filter, page) => list(session, filter, page),
    findings: (id, filter, page) => findings(session, id, filter, page),
    document: (id) => readDocument(session, id),
    observations: async (id) => {
      const sql = 'select o.record from evidence e join observations o on o.evidence_no = e.no where e.id = ? order by o.no'
      return (await session.all(sql, [id])).map((row) => JSON.parse(String(row['record'])) as Observation)
    },
    links: async (subject) => {
      const sql = 'select * from links where from_id = ? or to_id = ? order by no'
      return (await session.all(sql, [subject, subject])).map(linkFromRow)
    },
  }
}

/** What writing takes. */
interface Writing {
  session: ReadSession
  writer: WriterClient
  clock: Clock
}

async function record(writing: Writing, submission: NewEvidence): ReturnType<EvidenceStore['record']> {
  const args = await prepare(writing, submission)
  const { existing, repeated } = await writing.writer.submit('recordEvidence', args, weightOf(args))
  return { ...recorded(submission, existing), repeated }
}

async function recordAll(
  writing: Writing,
  submissions: readonly NewEvidence[],
  idempotency: IdempotencyClaim | undefined,
): ReturnType<EvidenceStore['recordAll']> {
  const [first] = submissions
  if (!first) return { items: [], repeated: false }
  const items: RecordEvidence[] = []
  for (const submission of submissions) items.push(await prepare(writing, submission))
  const weight = items.reduce((sum, item) => sum + weightOf(item), 0)
  const { existing, repeated } = await writing.writer.submit('recordDelivery', { items, idempotency, at: first.entry.at }, weight)
  return { items: submissions.map((submission, index) => recorded(submission, existing[index] ?? null)), repeated }
}

async function prepare(writing: Writing, submission: NewEvidence): Promise<RecordEvidence> {
  const { document, ...rest } = submission
  const { findings: all, ...head } = document
  const parts = findingParts(all)
  const large = parts.length > MAX_INLINE_PARTS
  const staged = large ? await stage(writing, submission, parts) : undefined
  return { ...rest, head: JSON.stringify(head), parts: large ? [] : parts.map((part) => JSON.stringify(part)), staged }
}

function weightOf({ head, parts }: RecordEvidence): number {
  return parts.reduce((sum, part) => sum + part.length, head.length)
}

function recorded({ evidence }: NewEvidence, existing: string | null): { evidence: Evidence; created: boolean } {
  return existing === null ? { evidence, created: true } : { evidence: JSON.parse(existing) as Evidence, created: false }
}

/** Writes the findings ahead, one part a transaction. @returns the number to record them under, unless the evidence exists */
async function stage(
  { session, writer, clock }: Writing,
  { evidence, observation }: NewEvidence,
  parts: readonly ListedFindings[],
): Promise<number | undefined> {
  const { digest, subject, format, name } = evidence
  const [existing] = await session.all('select no from evidence where digest = ? and subject = ? and format = ? and name = ?', [
    ...[digest, subject, format, (name ?? '').replaceAll('\0', '\uFFFD')],
  ])
  const no = existing ? undefined : await writer.submit('reserveEvidence', clock.now())
  const { repository, at } = observation
  for (const [index, part] of parts.entries()) {
    const text = JSON.stringify(part)
    await writer.submit('stageFindings', { no, part: index + 1, findings: text, repository, at }, text.length)
  }
  return no
}

type ListedFindings = NewEvidence['document']['findings']

async function find(session: ReadSession, id: string, visibleTo: readonly string[] | undefined): Promise<Evidence | undefined> {
  const scopes = await narrowedScopes(session, { visibleTo })
  const conditions = new Conditions().add('e.id = ?', id)
  if (scopes) addObserved(conditions, session, scopes)
  const rows = await session.all(`select e.no, e.record from evidence e ${conditions.toSql()}`, conditions.parameters)
  return (await asSeen(session, rows, scopes))[0]
}

async function list(session: ReadSession, filter: EvidenceFilter, page: PageRequest): Promise<Page<Evidence>> {
  const { subject, kind, format, name, completeness, submittedBy, visibleTo } = filter
  const scopes = await narrowedScopes(session, filter)
  const conditions = new Conditions()
    .addIf(subject === undefined ? undefined : await withLinked(session, subject), session.oneOf('e.subject'))
    .addIf(kind, 'e.kind = ?')
    .addIf(format, 'e.format = ?')
    .addIf(name, 'e.name = ?')
    .addIf(completeness, 'e.completeness = ?')
  const receipt = receiptConditions(session, filter)
  const isSelective = [subject, name, visibleTo ? undefined : submittedBy].some((value) => value !== undefined)
  const [before, limit] = [cursorKey(page.after), page.limit + 1]
  const rows =
    scopes && !isSelective
      ? await newestOfScopes(session, scopes, conditions.addAll(receipt), before, limit)
      : await newestOf(session, withReceipt(session, conditions, scopes, receipt).addIf(before, 'e.no < ?'), limit)
  const { items, next } = pageOf(
    rows,
    page,
    (row) => Number(row['no']),
    (row) => row,
  )
  return { items: await asSeen(session, items, visibleTo && (await narrowedScopes(session, { visibleTo }))), next }
}

/** Of a narrowed list each evidence has an observation that is all of it: of the scopes, and received as asked. */
function withReceipt(session: ReadSession, conditions: Conditions, scopes: readonly number[] | undefined, receipt: Conditions): Conditions {
  return scopes ? addObserved(conditions, session, scopes, receipt) : conditions.addAll(receipt)
}

function newestOf(session: ReadSession, conditions: Conditions, limit: number): Promise<Row[]> {
  return session.all(`select e.no, e.record from evidence e ${conditions.toSql()} order by e.no desc limit ?`, [
    ...conditions.parameters,
    limit,
  ])
}

async function newestOfScopes(
  session: ReadSession,
  scopes: readonly number[],
  conditions: Conditions,
  before: number | undefined,
  limit: number,
): Promise<Row[]> {
  const numbers = await walkTogether(session, {
    // CROSS JOIN is how SQLite is told which table comes first.
    from: `observations o ${session.engine === 'sqlite' ? 'cross join' : 'join'} evidence e on e.no = o.evidence_no`,
    columns: [{ name: 'o.scope_id', type: 'integer', values: scopes }],
    key: 'o.evidence_no',
    order: 'desc',
    begin: before ?? (await newestNumber(session)),
    conditions: conditions.addIf(before, 'o.evidence_no < ?'),
    limit,
    repeats: true,
  })
  return session.all(`select no, record from evidence where ${session.oneOf('no')} order by no desc`, [numbers])
}

async function withLinked(session: ReadSession, subject: string): Promise<string[]> {
  const rows = await session.all('select from_id, to_id from links where from_id = ? or to_id = ?', [subject, subject])
  return [...new Set([subject, ...rows.flatMap((row) => [String(row['from_id']), String(row['to_id'])])])]
}

/**
 * The scopes of the observations that a list is narrowed to: those that count everywhere or belong to a repository that the reader may see, and that
 * are owned. One observation must be both, so that none tells of another that is hidden.
 */
async function narrowedScopes(session: ReadSession, { visibleTo, owned }: RepositoryNarrowing): Promise<number[] | undefined> {
  if (!visibleTo && !owned) return undefined
  const isOwned = ownedTest(owned)
  return (await observationScopes(session)).filter(({ owners }) => mayBeSeen(owners, visibleTo) && isOwned(owners)).map(({ id }) => id)
}

async function newestNumber(session: ReadSession): Promise<number> {
  const [row] = await session.all('select max(no) as newest from evidence')
  return Number(row?.['newest'] ?? 0)
}

function addObserved(conditions: Conditions, session: ReadSession, scopes: readonly number[], more = new Conditions()): Conditions {
  const observed = `select 1 from observations o where o.evidence_no = e.no and ${session.oneOf('o.scope_id')}${more.andSql()}`
  return conditions.add(`exists (${observed})`, scopes, ...more.parameters)
}

type FindingFilter = Parameters<EvidenceStore['findings']>[1]

async function findings(session: ReadSession, id: string, filter: FindingFilter, page: PageRequest): Promise<Page<ListedFinding>> {
  const [evidence] = await session.all('select no, received_at from evidence where id = ?', [id])
  if (!evidence) return { items: [], next: null }
  const no = Number(evidence['no'])
  const conditions = new Conditions()
    .add('evidence_no = ?', no)
    .addIf(filter.severity, 'severity = ?')
    .addIf(cursorKey(page.after), 'seq > ?')
  const rows = await session.all(`select seq from findings ${conditions.toSql()} order by seq limit ?`, [
    ...conditions.parameters,
    page.limit + 1,
  ])
  const { items: numbers, next } = pageOf(
    rows,
    page,
    (row) => Number(row['seq']),
    (row) => Number(row['seq']),
  )
  const items = await findingsAt(session, no, numbers)
  const seen = await firstSeen(session, filter.repositories ?? (await repositoriesOf(session, no)), items.map(firstSeenKey))
  return {
    items: items.map((finding) => {
      const at = seen.get(firstSeenKey(finding))
      return { ...finding, firstSeenAt: at === undefined ? String(evidence['received_at']) : formatInstant(at) }
    }),
    next,
  }
}

async function findingsAt(session: ReadSession, no: number, numbers: readonly number[]): Promise<Omit<ListedFinding, 'firstSeenAt'>[]> {
  const partOf = (number: number): number => Math.floor(number / FINDINGS_PER_PART) + 1
  const parts = await readFindingParts(session, no, [...new Set(numbers.map(partOf))])
  return numbers.flatMap((number) => {
    const finding = parts.get(partOf(number))?.[number % FINDINGS_PER_PART]
    return finding ? [{ ...finding, index: number }] : []
  })
}

async function repositoriesOf(session: ReadSession, no: number): Promise<string[]> {
  const rows = await session.all('select distinct repository from observations where evidence_no = ?', [no])
  return rows.map((row) => String(row['repository']))
}
