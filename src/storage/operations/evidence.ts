import { zstdCompressSync } from 'node:zlib'

import { canonicalDigest, canonicalJson } from '../../core/canonical-json.ts'
import type { IdempotencyClaim } from '../../core/idempotency.ts'
import type { EntryDraft } from '../../core/log-entry.ts'
import { parseInstant } from '../../core/time.ts'
import type { Evidence, Link, Observation } from '../../evidence/evidence.ts'
import { ownersOf, toolKey } from '../../evidence/lane.ts'
import type { Finding } from '../../evidence/model.ts'
import { observationRecord } from '../../evidence/records.ts'
import { storageUnavailable } from '../errors.ts'
import { findingKey, FINDINGS_PER_PART } from '../findings.ts'
import { repositoryKey } from '../repository-key.ts'
import { BULK } from '../writer/bulk-table.ts'
import { earlierResource, keepClaim } from '../writer/idempotency.ts'
import { addLink } from '../writer/links.ts'
import type { WriteBatch } from '../writer/write-batch.ts'
import { appendWithRecord } from './records.ts'

export interface RecordEvidence {
  evidence: Evidence
  observation: Observation
  links: readonly Link[]
  alias: string | undefined
  entry: EntryDraft
  idempotency: IdempotencyClaim | undefined
  /** JSON of the document without its findings. */
  head: string
  /** JSON of the findings, in parts; empty if they were staged. */
  parts: readonly string[]
  /** The number under which large documents were staged. */
  staged: number | undefined
}

/** What was there before: the evidence, and whether this very request was carried out already. */
export interface RecordEvidenceResult {
  existing: string | null
  repeated: boolean
}

/** Writes an observation, and the evidence unless it exists. */
export async function recordEvidence(batch: WriteBatch, submission: RecordEvidence): Promise<RecordEvidenceResult> {
  const earlier = await earlierResource(batch, submission.idempotency, submission.entry.at)
  if (earlier !== undefined) return { existing: await recordedBefore(batch, submission, earlier), repeated: true }
  const { kept, existing } = await observe(batch, submission)
  keepClaim(batch, submission.idempotency, kept.id)
  return { existing, repeated: false }
}

export interface RecordDelivery {
  /** Their own claims are left aside. */
  items: readonly RecordEvidence[]
  idempotency: IdempotencyClaim | undefined
  /** RFC 3339: the time of the write. */
  at: string
}

/** Separates the ids in the claim of a delivery. */
const BETWEEN_IDS = ' '

/** Writes several observations together. */
export async function recordDelivery(
  batch: WriteBatch,
  { items, idempotency, at }: RecordDelivery,
): Promise<{ existing: (string | null)[]; repeated: boolean }> {
  const earlier = await earlierResource(batch, idempotency, at)
  const existing: (string | null)[] = []
  if (earlier !== undefined) {
    const ids = earlier.split(BETWEEN_IDS)
    for (const [index, item] of items.entries()) existing.push(await recordedBefore(batch, item, ids[index] ?? ''))
    return { existing, repeated: true }
  }
  const keptIds: string[] = []
  for (const item of items) {
    const observed = await observe(batch, item)
    keptIds.push(observed.kept.id)
    existing.push(observed.existing)
  }
  keepClaim(batch, idempotency, keptIds.join(BETWEEN_IDS))
  return { existing, repeated: false }
}

/** The evidence that an earlier request with the same claim made; what was staged for this one is dropped. */
async function recordedBefore(batch: WriteBatch, { staged }: RecordEvidence, id: string): Promise<string | null> {
  if (staged !== undefined) {
    await endStaging(batch, staged)
    await dropDocument(batch, staged)
  }
  return (await findById(batch, id))?.record ?? null
}

async function observe(batch: WriteBatch, submission: RecordEvidence): Promise<{ kept: Evidence; existing: string | null }> {
  const { evidence, observation, staged } = submission
  if (staged !== undefined) await endStaging(batch, staged)
  const existing = await findByIdentity(batch, evidence)
  if (existing && staged !== undefined) await dropDocument(batch, staged)
  const no = existing?.no ?? (await insertEvidence(batch, submission))
  const kept = existing ? (JSON.parse(existing.record) as Evidence) : evidence
  const seenBefore = existing !== undefined && (await observedFor(batch, no, observation.repository))
  if (!seenBefore) for (const part of submission.parts) addFirstSeen(batch, JSON.parse(part) as Finding[], observation)
  await insertObservation(batch, no, kept, { ...observation, evidenceId: kept.id })
  for (const link of submission.links) await addLink(batch, link)
  if (submission.alias !== undefined) await addAlias(batch, kept.subject, submission.alias, observation.at)
  appendObservation(batch, submission, kept)
  batch.touch('evidence')
  return { kept, existing: existing?.record ?? null }
}

/**
 * A number for a document that comes in several pieces, so that a large report does not hold up other writes.
 * @param at milliseconds since the epoch
 */
export async function reserveEvidence(batch: WriteBatch, at: number): Promise<number> {
  const no = await nextEvidenceNumber(batch)
  await batch.engine.run('insert into staged_evidence (no, at) values (?, ?)', [no, at])
  return no
}

/**
 * Removes the oldest document that was begun before an instant and never recorded.
 * @param before milliseconds since the epoch
 * @returns false if there is none
 */
export async function sweepStaged(batch: WriteBatch, before: number): Promise<boolean> {
  const row = await batch.engine.get('select no from staged_evidence where at < ? order by at limit 1', [before])
  if (!row) return false
  const no = Number(row['no'])
  await dropDocument(batch, no)
  await batch.engine.run('delete from staged_evidence where no = ?', [no])
  return true
}

/** @throws {AppError} `storage_unavailable` if what was staged is gone, so that the evidence would have no findings */
async function endStaging(batch: WriteBatch, no: number): Promise<void> {
  const row = await batch.engine.get('delete from staged_evidence where no = ? returning no', [no])
  if (!row) throw storageUnavailable('the staged findings were swept before they were recorded')
}

export interface StageFindings {
  /** Where to keep the part; undefined if the evidence exists and only the first sights are to be noted. */
  no: number | undefined
  part: number
  /** JSON. */
  findings: string
  repository: string | null
  at: string
}

/** Writes one part of a large document; nobody sees it until `recordEvidence` names its number. */
export async function stageFindings(batch: WriteBatch, { no, part, findings, repository, at }: StageFindings): Promise<void> {
  const parsed = JSON.parse(findings) as Finding[]
  if (no !== undefined) addPart(batch, no, part, findings, parsed)
  addFirstSeen(batch, parsed, { repository, at })
}

async function insertEvidence(batch: WriteBatch, { evidence, head, parts, staged }: RecordEvidence): Promise<number> {
  const { id, digest, subject, format, kind, completeness } = evidence
  const no = staged ?? (await nextEvidenceNumber(batch))
  await batch.engine.kysely
    .insertInto('evidence')
    .values({
      ...{ no, id, digest, subject, format, kind, completeness, name: storable(evidence.name ?? '') },
      ...{ submitted_by: evidence.submittedBy, received_at: evidence.receivedAt, record: canonicalJson(evidence) },
    })
    .execute()
  batch.add(BULK.evidenceDocuments, [no, 0, zstdCompressSync(head)])
  for (const [at, part] of parts.entries()) addPart(batch, no, at + 1, part, JSON.parse(part) as Finding[])
  return no
}

function addPart(batch: WriteBatch, no: number, part: number, text: string, findings: readonly Finding[]): void {
  batch.add(BULK.evidenceDocuments, [no, part, zstdCompressSync(text)])
  for (const [at, finding] of findings.entries()) {
    batch.add(BULK.findings, [
      ...[no, (part - 1) * FINDINGS_PER_PART + at, finding.class, finding.id, finding.purl, finding.package, finding.severity],
      ...[finding.fixedVersion === null ? 0 : 1, finding.suppressed ? 1 : 0],
    ])
  }
}

function addFirstSeen(batch: WriteBatch, findings: readonly Finding[], { repository, at }: Pick<Observation, 'repository' | 'at'>): void {
  const ms = parseInstant(at)
  if (ms === undefined) throw new TypeError('an observation has an RFC 3339 time')
  for (const finding of findings) {
    const key = findingKey(finding)
    batch.put(BULK.firstSeen, `${repository ?? ''}\n${key}`, [repository ?? '', key, ms])
  }
}

async function insertObservation(batch: WriteBatch, no: number, evidence: Evidence, observation: Observation): Promise<void> {
  const { id, at, repository } = observation
  await batch.engine.kysely
    .insertInto('observations')
    .values({
      ...{ id, at, evidence_no: no, repository: repository ?? '', record: JSON.stringify(observation) },
      ...{ tool: toolKey(evidence), name: storable(evidence.name ?? ''), complete: evidence.completeness === 'complete' ? 1 : 0 },
      scope_id: await scopeId(batch, JSON.stringify(ownersOf(observation))),
      coverage: evidence.completeness === 'complete' && evidence.summary.scanned.includes('coverage') ? 1 : 0,
    })
    .execute()
}

async function scopeId(batch: WriteBatch, globs: string): Promise<number> {
  const { kysely } = batch.engine
  const known = await kysely.selectFrom('observation_scopes').select('id').where('globs', '=', globs).executeTakeFirst()
  const { id } = known ?? (await kysely.insertInto('observation_scopes').values({ globs }).returning('id').executeTakeFirstOrThrow())
  return id
}

async function addAlias(batch: WriteBatch, subject: string, name: string, at: string): Promise<void> {
  await batch.engine.run('insert into aliases (subject, name, at) values (?, ?, ?) on conflict do nothing', [subject, name, at])
}

/** The caller's entry speaks for the evidence that it made; where the evidence existed, entry and record name that one. */
function appendObservation(batch: WriteBatch, { evidence, observation, entry }: RecordEvidence, kept: Evidence): void {
  const repository = repositoryKey(ownersOf(observation))
  if (kept.id === evidence.id) {
    appendWithRecord(batch, entry, observationRecord(evidence, observation), repository)
    return
  }
  const record = observationRecord(kept, { ...observation, evidenceId: kept.id })
  const body = Object.fromEntries(Object.entries(entry.body).map(([field, value]) => [field, value === evidence.id ? kept.id : value]))
  appendWithRecord(batch, { ...entry, body: { ...body, digest: canonicalDigest(record) } }, record, repository)
}

async function nextEvidenceNumber(batch: WriteBatch): Promise<number> {
  const row = await batch.engine.get("update counters set value = value + 1 where name = 'evidence' returning value", [])
  return Number(row?.['value'])
}

async function findByIdentity(batch: WriteBatch, { digest, subject, format, name }: Evidence) {
  return batch.engine.kysely
    .selectFrom('evidence')
    .select(['no', 'record'])
    .where('digest', '=', digest)
    .where('subject', '=', subject)
    .where('format', '=', format)
    .where('name', '=', storable(name ?? ''))
    .executeTakeFirst()
}

async function findById(batch: WriteBatch, id: string) {
  return batch.engine.kysely.selectFrom('evidence').select(['no', 'record']).where('id', '=', id).executeTakeFirst()
}

async function observedFor(batch: WriteBatch, no: number, repository: string | null): Promise<boolean> {
  const row = await batch.engine.get('select 1 as found from observations where evidence_no = ? and repository = ? limit 1', [
    no,
    repository ?? '',
  ])
  return row !== undefined
}

async function dropDocument(batch: WriteBatch, no: number): Promise<void> {
  await batch.engine.run('delete from findings where evidence_no = ?', [no])
  await batch.engine.run('delete from evidence_documents where evidence_no = ?', [no])
}

/** PostgreSQL keeps no NUL in text. */
function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD')
}
