import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'

import { narrowed, readBaselineSet } from '../../decisions/baselines/content.ts'
import type { BaselineMove, StoredSet } from '../../decisions/baselines/ports.ts'
import { BULK, type Cell } from '../writer/bulk-table.ts'
import type { WriteBatch } from '../writer/write-batch.ts'

interface Head {
  set: StoredSet
  initial: number
  comparedAt: number
  createdAt: string
  updatedAt: string
}

const FIND = `select set_digest, initial, remaining, compared_at, created_at, updated_at from baseline_heads where baseline = ? and lane = ?`

/**
 * Works out where the heads go: reads, and writes nothing. A head that another decision narrowed meanwhile is narrowed further; none
 * ever grows.
 * @param at RFC 3339: the time of the decision
 * @returns gathers the rows
 */
export async function moveHeads(batch: WriteBatch, moves: readonly BaselineMove[], at: string): Promise<() => void> {
  const heads: { move: BaselineMove; next: Head }[] = []
  for (const move of moves) {
    if (!move.hasHead) continue
    const head = await findHead(batch, move)
    const next = await nextHead(batch, move, head, at)
    if (next !== head) heads.push({ move, next })
  }
  return () => {
    for (const { set } of moves) addSet(batch, set)
    for (const { move, next } of heads) addHead(batch, move, next)
  }
}

async function nextHead(batch: WriteBatch, move: BaselineMove, known: Head | undefined, at: string): Promise<Head> {
  const { set, left, since } = move
  const head = known ?? { set, initial: set.count, comparedAt: since, createdAt: at, updatedAt: at }
  if (!left || left.received < head.comparedAt) return head
  const next = await narrowedSet(batch, head.set, move)
  if (next.digest !== head.set.digest) return { ...head, set: next, comparedAt: left.received, updatedAt: at }
  return left.received === head.comparedAt ? head : { ...head, comparedAt: left.received }
}

async function narrowedSet(batch: WriteBatch, held: StoredSet, { set, left }: BaselineMove): Promise<StoredSet> {
  if (!left || left.digest === set.digest) return held
  if (held.digest === set.digest) return left
  const next = narrowed(readBaselineSet(await textOf(batch, held)), readBaselineSet(await textOf(batch, left)).content)
  return { digest: next.digest, text: next.text, count: next.count }
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
    ...[head.comparedAt, head.createdAt, head.updatedAt],
  ])
}

function addSet(batch: WriteBatch, { digest, text }: StoredSet): void {
  if (text !== null && !batch.pending(BULK.baselineSets, digest)) batch.put(BULK.baselineSets, digest, [digest, zstdCompressSync(text)])
}

function headKey(baseline: string, laneDigest: string): string {
  return `${baseline}\n${laneDigest}`
}
