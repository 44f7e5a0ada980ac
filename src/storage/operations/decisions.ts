import { canonicalJson } from '../../core/canonical-json.ts'
import { sha256Digest } from '../../core/digest.ts'
import type { IdempotencyClaim } from '../../core/idempotency.ts'
import type { EntryDraft } from '../../core/log-entry.ts'
import type { BaselineMove } from '../../decisions/baselines/ports.ts'
import type { Decision } from '../../decisions/decision.ts'
import { decisionRecord } from '../../decisions/records.ts'
import { placeKey } from '../../governance/approvals/approval.ts'
import type { Link } from '../../evidence/evidence.ts'
import { contextRows } from '../decision-context.ts'
import { BULK } from '../writer/bulk-table.ts'
import { earlierResource, keepClaim } from '../writer/idempotency.ts'
import { addLink } from '../writer/links.ts'
import type { WriteBatch } from '../writer/write-batch.ts'
import { moveHeads } from './baselines.ts'
import { requireUnblocked } from './blocks.ts'
import { requireGrounds } from './grounds.ts'

/** Texts, since a long string crosses threads faster than an object of the same content. */
export interface RecordDecisionArguments {
  /** JSON of the decision. */
  decision: string
  /** JSON of the stored input. */
  input: string
  /** JSON of `DecisionSurroundings`. */
  surroundings: string
}

export interface DecisionSurroundings {
  entry: EntryDraft
  idempotency?: IdempotencyClaim
  link?: Link
  moves?: readonly BaselineMove[]
  newestBlock?: number
}

export type RecordDecisionResult = { logIndex: number } | { logIndex: number; repeated: string; voidedAt: string | null }

const BY_ID = `select d.log_index, l.record, v.at as voided_at from decisions d join log_records l on l.idx = d.log_index
  left join decision_voids v on v.log_index = d.log_index where d.id = ?`

/**
 * The hot path. It reads and may refuse first, and then only gathers rows: so it needs no savepoint.
 */
export async function recordDecision(batch: WriteBatch, args: RecordDecisionArguments): Promise<RecordDecisionResult> {
  const { entry, idempotency, link, moves, newestBlock } = JSON.parse(args.surroundings) as DecisionSurroundings
  const earlier = await earlierResource(batch, idempotency, entry.at)
  if (earlier !== undefined) return repeatedDecision(batch, earlier)
  const decision = JSON.parse(args.decision) as Decision
  await requireGrounds(batch, decision.restsOn)
  if (newestBlock !== undefined) await requireUnblocked(batch, decision, { newest: newestBlock, declared: link?.to })
  const addHeads = moves && (await moveHeads(batch, moves, decision.at))
  const record = canonicalJson(decisionRecord(decision))
  const logIndex = batch.append({ ...entry, body: { ...entry.body, digest: sha256Digest(record) } }, record, decision.repository)
  batch.add(BULK.decisionInputs, [logIndex, args.input])
  addDecisionRows(batch, decision, logIndex)
  addHeads?.()
  keepClaim(batch, idempotency, decision.id)
  if (link) await addLink(batch, link)
  return { logIndex }
}

async function repeatedDecision(batch: WriteBatch, id: string): Promise<RecordDecisionResult> {
  await batch.flush()
  const row = await batch.engine.get(BY_ID, [id])
  const voidedAt = row?.['voided_at']
  return {
    logIndex: Number(row?.['log_index']),
    repeated: String(row?.['record']),
    voidedAt: typeof voidedAt === 'string' ? voidedAt : null,
  }
}

function addDecisionRows(batch: WriteBatch, decision: Decision, logIndex: number): void {
  const { id, subject, stage, environment, repository, verdict, enforced, at, expiresAt, askedBy } = decision
  batch.add(BULK.decisions, [
    ...[logIndex, id, subject, stage, environment, repository],
    ...[verdict, enforced ? 1 : 0, at, expiresAt, askedBy],
  ])
  for (const rule of rulesOf(decision)) batch.add(BULK.decisionRules, [rule, logIndex])
  for (const { kind, id: ground } of decision.restsOn) batch.add(BULK.decisionGrounds, [kind, ground, logIndex])
  for (const { binding, rules } of decision.wouldDeny)
    for (const rule of rules) batch.add(BULK.decisionObjections, [binding, logIndex, rule])
  for (const control of controlsOf(decision)) batch.add(BULK.decisionControls, [control, logIndex])
  for (const [key, value] of contextRows(decision.context)) batch.add(BULK.decisionContext, [key, value, logIndex])
  if (repository !== null) batch.put(BULK.decisionRepositories, repository, [repository])
  if (decision.pending) {
    const wait = [subject, placeKey(decision), repository ?? '']
    if (!batch.pending(BULK.approvalWaits, wait.join('\n'))) batch.put(BULK.approvalWaits, wait.join('\n'), [...wait, at])
  }
  if (decision.review) batch.add(BULK.reviews, [logIndex, decision.review.state, decision.review.openedAt, null])
  if (enforced) {
    const place = [subject, stage, environment, repository ?? '']
    batch.put(BULK.newestDecisions, place.join('\n'), [...place, logIndex])
  }
}

function controlsOf({ violations, warnings, shadow }: Decision): Set<string> {
  return new Set([...violations, ...warnings, ...shadow].flatMap(({ controls }) => controls))
}

function rulesOf({ violations, warnings, shadow }: Decision): Set<string> {
  return new Set([...violations, ...warnings, ...shadow].map(({ rule }) => rule))
}
