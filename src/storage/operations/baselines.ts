import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'

import { narrowed, readBaselineSet } from '../../decisions/baselines/content.ts'
import type { BaselineMove, StoredSet } from '../../decisions/baselines/ports.ts'
import { BULK, type Cell } from '../writer/bulk-table.ts'
import type { WriteBatch } from '../writer/write-batch.ts'

interface Head {
  set: StoredSet
  initial: number
  comparedAt: number
  historyAt: string
  createdAt: string
  updatedAt: string
}

const FIND = `select set_digest, initial, remaining, compared_at, history_at, created_at, updated_at from baseline_heads
  where baseline = ? and lane = ?`

/**
 * Works out where the heads go: reads, and writes nothing. A head that another decision narrowed meanwhile is narrowed further; none
 * grows but by a deployment that renews it.
 * @param at RFC 3339: the time of the decision
 * @returns gathers the rows
 */
export async function moveHeads(batch: WriteBatch, moves: readonly BaselineMove[], at: string): Promise<() => void> {
  const heads: { move: BaselineMove; next: Head }[] = []
  for (const move of moves) {
    if (!move.hasHead) continue
    const head = await findHead(batch, move)
    const next = await narrowedHead(batch, move, await renewedHead(batch, move, head, at), at)
    if (next !== head) heads.push({ move, next })
  }
  return () => {
    for (const { set } of moves) addSet(batch, set)
    for (const { move, next } of heads) addHead(batch, move, next)
  }
}

/** The head with all history that the decision knew of. */
async function renewedHead(batch: WriteBatch, { set, history }: BaselineMove, head: Head | undefined, at: string): Promise<Head> {
  const begun: Head = { set, initial: set.count, comparedAt: history.since, historyAt: history.at, createdAt: at, updatedAt: at }
  if (!head) return begun
  if (history.at <= head.historyAt) return head
  // What was compared with newer reports would grow again by what they no longer showed.
  if (history.replaces && history.since >= head.comparedAt) return { ...begun, createdAt: head.createdAt }
  return withSet(head, await sharedSet(batch, head.set, set), { historyAt: history.at }, at)
}

/** The head without what the allowed reports no longer show. */
async function narrowedHead(batch: WriteBatch, { set, left }: BaselineMove, head: Head, at: string): Promise<Head> {
  if (!left || left.received < head.comparedAt) return head
  const next = head.set.digest === set.digest ? left : await sharedSet(batch, head.set, left)
  return next.digest === head.set.digest && left.received === head.comparedAt
    ? head
    : withSet(head, next, { comparedAt: left.received }, at)
}

function withSet(head: Head, set: StoredSet, known: Partial<Pick<Head, 'comparedAt' | 'historyAt'>>, at: string): Head {
  return { ...head, ...known, set, updatedAt: set.digest === head.set.digest ? head.updatedAt : at }
}

async function sharedSet(batch: WriteBatch, held: StoredSet, shown: StoredSet): Promise<StoredSet> {
  if (held.digest === shown.digest) return held
  const { digest, text, count } = narrowed(readBaselineSet(await textOf(batch, held)), readBaselineSet(await textOf(batch, shown)).content)
  return { digest, text, count }
}

async function textOf(batch: WriteBatch, { digest, text }: StoredSet): Promise<string> {
  if (text !== null) return text
  const body =
    batch.pending(BULK.baselineSets, digest)?.[1] ??
    (await batch.engine.get('select body from baseline_sets where digest = ?', [digest]))?.['body']
  if (!(body instanceof Uint8Array)) throw new Error(`the set ${digest} of a baseline is not there`)
  return zstdDecompressSync(body).toString('utf8')
}

async function findHead(batch: WriteBatch, { baseline, laneDigest }: BaselineMove): Promise<Head | undefined> {
  const pending = batch.pending(BULK.baselineHeads, headKey(baseline, laneDigest))
  const row = pending ? rowOf(pending) : await batch.engine.get(FIND, [baseline, laneDigest])
  return (
    row && {
      set: { digest: String(row['set_digest']) as StoredSet['digest'], text: null, count: Number(row['remaining']) },
      initial: Number(row['initial']),
      comparedAt: Number(row['compared_at']),
      historyAt: String(row['history_at']),
      createdAt: String(row['created_at']),
      updatedAt: String(row['updated_at']),
    }
  )
}

function rowOf(cells: readonly Cell[]): Record<string, Cell | undefined> {
  return Object.fromEntries(BULK.baselineHeads.columns.map(([name], at) => [name, cells[at]]))
}

function addHead(batch: WriteBatch, { baseline, laneDigest, lane }: BaselineMove, head: Head): void {
  addSet(batch, head.set)
  batch.put(BULK.baselineHeads, headKey(baseline, laneDigest), [
    ...[baseline, laneDigest, lane.repository, lane.class, lane.tool, lane.name, head.set.digest, head.initial, head.set.count],
    ...[head.comparedAt, head.historyAt, head.createdAt, head.updatedAt],
  ])
}

function addSet(batch: WriteBatch, { digest, text }: StoredSet): void {
  if (text !== null && !batch.pending(BULK.baselineSets, digest)) batch.put(BULK.baselineSets, digest, [digest, zstdCompressSync(text)])
}

function headKey(baseline: string, laneDigest: string): string {
  return `${baseline}\n${laneDigest}`
}
