import { promisify } from 'node:util'
import { zstdDecompress } from 'node:zlib'

import { repositoryGlobWithin } from '../../core/glob-within.ts'
import type { Digest } from '../../core/digest.ts'
import type { EvidenceClass } from '../../core/evidence-class.ts'
import type { Page, PageRequest } from '../../core/page.ts'
import { ownersIn } from '../../evidence/lane.ts'
import type { BaselineHead, BaselineHeadFilter, BaselineStore, StandingHead } from '../../decisions/baselines/ports.ts'
import { Conditions } from './conditions.ts'
import { cursorKey, pageOf } from './cursor.ts'
import { ownedTest } from './narrowing.ts'
import type { ReadSession, Row } from './session.ts'

const decompress = promisify(zstdDecompress)

/** What baselines hold. Decisions write it. */
export function baselineStore(session: ReadSession): BaselineStore {
  return {
    heads: (baseline, lanes) => heads(session, baseline, lanes),
    begunAt: (baseline, repository) => begunAt(session, baseline, repository),
    set: (digest) => set(session, digest),
    list: (filter, page) => list(session, filter, page),
    remaining: (baselines) => remaining(session, baselines),
  }
}

async function heads(session: ReadSession, baseline: Digest, lanes: readonly Digest[]): Promise<ReadonlyMap<Digest, StandingHead>> {
  if (lanes.length === 0) return new Map()
  const rows = await session.all(
    `select lane, set_digest, history_at, compared_at from baseline_heads where baseline = ? and ${session.oneOf('lane')}`,
    [baseline, lanes],
  )
  return new Map(
    rows.map((row) => [
      row['lane'] as Digest,
      { set: row['set_digest'] as Digest, historyAt: String(row['history_at']), comparedAt: Number(row['compared_at']) },
    ]),
  )
}

async function begunAt(session: ReadSession, baseline: Digest, repository: string): Promise<string | undefined> {
  const [row] = await session.all('select min(created_at) as at from baseline_heads where baseline = ? and repository = ?', [
    baseline,
    repository,
  ])
  return typeof row?.['at'] === 'string' ? row['at'] : undefined
}

async function set(session: ReadSession, digest: Digest): Promise<string | undefined> {
  const [row] = await session.all('select body from baseline_sets where digest = ?', [digest])
  return row && (await decompress(row['body'] as Uint8Array)).toString('utf8')
}

async function list(session: ReadSession, filter: BaselineHeadFilter, page: PageRequest): Promise<Page<BaselineHead>> {
  if (filter.baselines.length === 0) return { items: [], next: null }
  const conditions = new Conditions()
    .add(session.oneOf('baseline'), filter.baselines)
    // One without history holds nothing yet.
    .add(`history_at <> ''`)
    .addIf(filter.repository, 'repository = ?')
    .addIf(await narrowedRepositories(session, filter), session.oneOf('repository'))
    .addIf(cursorKey(page.after), 'no > ?')
  const rows = await session.all(`select * from baseline_heads ${conditions.toSql()} order by no limit ?`, [
    ...conditions.parameters,
    page.limit + 1,
  ])
  return pageOf(rows, page, (row) => Number(row['no']), headFromRow)
}

async function narrowedRepositories(session: ReadSession, { visibleTo, owned }: BaselineHeadFilter): Promise<string[] | undefined> {
  if (!visibleTo && !owned) return undefined
  const isOwned = ownedTest(owned)
  const rows = await session.all('select distinct repository from baseline_heads')
  return rows
    .map((row) => String(row['repository']))
    .filter((owner) => (!visibleTo || isWithin(owner, visibleTo)) && isOwned(ownersIn(owner)))
}

function isWithin(owner: string, globs: readonly string[]): boolean {
  return ownersIn(owner)?.every((inner) => globs.some((outer) => repositoryGlobWithin(inner, outer))) ?? false
}

function headFromRow(row: Row): BaselineHead {
  return {
    baseline: row['baseline'] as Digest,
    lane: {
      repository: String(row['repository']),
      class: row['class'] as EvidenceClass,
      tool: String(row['tool']),
      name: String(row['name']),
    },
    set: row['set_digest'] as Digest,
    initial: Number(row['initial']),
    remaining: Number(row['remaining']),
    createdAt: String(row['created_at']),
    updatedAt: String(row['updated_at']),
  }
}

async function remaining(session: ReadSession, baselines: readonly Digest[]): ReturnType<BaselineStore['remaining']> {
  if (baselines.length === 0) return []
  const rows = await session.all(
    `select baseline, repository, sum(remaining) as remaining from baseline_heads where ${session.oneOf('baseline')}
      group by baseline, repository order by baseline, repository`,
    [baselines],
  )
  return rows.map((row) => ({
    baseline: row['baseline'] as Digest,
    repository: String(row['repository']),
    remaining: Number(row['remaining']),
  }))
}
