import { nodeHash } from '../../audit/merkle.ts'
import type { EntryFilter, LogReader, StoredEntry } from '../../audit/ports.ts'
import type { Page, PageRequest } from '../../core/page.ts'
import { Conditions } from './conditions.ts'
import { cursorKey, pageOf } from './cursor.ts'
import { ownedKeys } from './narrowing.ts'
import type { ReadSession, Row } from './session.ts'
import { indexRange, storedTime } from './time-range.ts'
import { isRare, walkTogether } from './walks.ts'

const KEPT_LEVELS = 8
const MAX_RANGE = 4096

const COLUMNS = ['subject', 'actor', 'environment', 'stage'] as const

/** Types of which a log holds so many that any other filter is a better way in. */
const FREQUENT_TYPES: ReadonlySet<string> = new Set(['decision', 'evidence.received', 'login.refused', 'access.refused'])

/** Types of entries that belong to a repository. */
const OF_REPOSITORIES = ['decision', 'evidence.received', 'deployment.started', 'deployment.finished'] as const

/** Reads the committed log. */
export function logReader(session: ReadSession): LogReader {
  return {
    head: () => head(session),
    entry: async (index) => (await withDetail(session, await session.all('select idx, leaf from log_entries where idx = ?', [index])))[0],
    entries: (filter, page) => entries(session, filter, page),
    nodes: (wanted) => nodes(session, wanted),
  }
}

async function head(session: ReadSession): Promise<{ size: number; root: Uint8Array }> {
  const [row] = await session.all('select size, root from log_tree where id = 1')
  if (!row) throw new Error('the log has no tree')
  return { size: Number(row['size']), root: row['root'] as Uint8Array }
}

/** In the order of the log. `from` is inclusive, `to` exclusive. */
async function entries(session: ReadSession, filter: EntryFilter, page: PageRequest): Promise<Page<StoredEntry>> {
  const range = await indexRange(session, filter.from, filter.to)
  const repositories = filter.owned && (await ownedKeys(session, filter.owned))
  if (!range || repositories?.length === 0) return { items: [], next: null }
  const conditions = new Conditions()
    .addIf(cursorKey(page.after), 'idx > ?')
    .addIf(range.first, 'idx >= ?')
    .addIf(range.last, 'idx <= ?')
    .addIf(filter.from && storedTime(filter.from), 'at >= ?')
    .addIf(filter.to && storedTime(filter.to), 'at < ?')
  const limit = page.limit + 1
  const begin = Math.max((cursorKey(page.after) ?? -1) + 1, range.first ?? 0)
  const rows =
    repositories && !(await isSelective(session, filter))
      ? await ofRepositories(session, filter, { repositories, conditions, begin, limit })
      : await ofOneIndex(session, filter, conditions.addIf(repositories, session.oneOf(session.unindexed('repository'))), limit)
  const { items, next } = pageOf(
    rows,
    page,
    (row) => Number(row['idx']),
    (row) => row,
  )
  return { items: await withDetail(session, items), next }
}

/** The columns that a filter names, the one first whose index is to be walked: the most selective. */
function filteredColumns(filter: EntryFilter): ((typeof COLUMNS)[number] | 'type')[] {
  const order = FREQUENT_TYPES.has(filter.type ?? 'decision') ? [...COLUMNS, 'type' as const] : ['type' as const, ...COLUMNS]
  return order.filter((column) => filter[column] !== undefined)
}

/** Walks the index of the most selective filter. */
async function ofOneIndex(session: ReadSession, filter: EntryFilter, conditions: Conditions, limit: number): Promise<Row[]> {
  // Only the first may choose the index.
  for (const [at, column] of filteredColumns(filter).entries()) {
    conditions.addIf(filter[column], `${at > 0 ? session.unindexed(column) : column} = ?`)
  }
  return session.all(`select idx, leaf from log_entries ${conditions.toSql()} order by idx limit ?`, [...conditions.parameters, limit])
}

/** True if so few entries fit that the index of one filter is the best way in, whatever repositories they may be of. */
async function isSelective(session: ReadSession, filter: EntryFilter): Promise<boolean> {
  const [column] = filteredColumns(filter)
  return column !== undefined && isRare(session, 'log_entries', new Conditions().addIf(filter[column], `${column} = ?`))
}

/** Walks the index of repositories, for each of them and each type. */
async function ofRepositories(
  session: ReadSession,
  filter: EntryFilter,
  { repositories, ...rest }: { repositories: readonly string[]; conditions: Conditions; begin: number; limit: number },
): Promise<Row[]> {
  for (const column of COLUMNS) rest.conditions.addIf(filter[column], `${session.unindexed(column)} = ?`)
  const indexes = await walkTogether(session, {
    ...rest,
    from: 'log_entries',
    columns: [
      { name: 'repository', type: 'text', values: repositories },
      { name: 'type', type: 'text', values: OF_REPOSITORIES.filter((type) => type === (filter.type ?? type)) },
    ],
    key: 'idx',
    order: 'asc',
  })
  return session.all(`select idx, leaf from log_entries where ${session.oneOf('idx')} order by idx`, [indexes])
}

async function withDetail(session: ReadSession, rows: readonly Row[]): Promise<StoredEntry[]> {
  const indexes = rows.map((row) => Number(row['idx']))
  const found = await session.all(`select idx, field, salt, value from log_details where ${session.oneOf('idx')}`, [indexes])
  const details = Map.groupBy(found, (row) => Number(row['idx']))
  return rows.map((row) => {
    const fields = (details.get(Number(row['idx'])) ?? []).map((detail) => [
      String(detail['field']),
      { salt: String(detail['salt']), value: JSON.parse(String(detail['value'])) as unknown },
    ])
    return { index: Number(row['idx']), leaf: String(row['leaf']), detail: Object.fromEntries(fields) as StoredEntry['detail'] }
  })
}

/** Nodes at levels that are not kept are computed from the kept level below: at most 256 hashes each. */
async function nodes(session: ReadSession, wanted: readonly (readonly [level: number, index: number])[]): Promise<Uint8Array[]> {
  const hashes: Uint8Array[] = []
  let at = 0
  while (at < wanted.length) {
    const [level, index] = wanted[at] ?? [0, 0]
    let run = 1
    const width = 2 ** (level % KEPT_LEVELS)
    while (run * width < MAX_RANGE && follows(wanted[at + run], level, index + run)) run++
    const kept = await keptHashes(session, level - (level % KEPT_LEVELS), index * width, run * width)
    for (let nth = 0; nth < run; nth++) hashes.push(subtreeHash(kept.slice(nth * width, (nth + 1) * width)))
    at += run
  }
  return hashes
}

function follows(node: readonly [number, number] | undefined, level: number, index: number): boolean {
  return node !== undefined && node[0] === level && node[1] === index
}

async function keptHashes(session: ReadSession, level: number, first: number, count: number): Promise<Uint8Array[]> {
  const rows =
    level === 0
      ? await session.all('select leaf_hash as hash from log_entries where idx >= ? and idx < ? order by idx', [first, first + count])
      : await session.all('select hash from log_nodes where level = ? and idx >= ? and idx < ? order by idx', [level, first, first + count])
  if (rows.length !== count) throw new RangeError(`the log does not hold nodes ${first} to ${first + count - 1} of level ${level}`)
  return rows.map((row) => row['hash'] as Uint8Array)
}

/** Hash over a power of two of neighbouring nodes. */
function subtreeHash(hashes: readonly Uint8Array[]): Uint8Array {
  let level = hashes
  while (level.length > 1) {
    const above: Uint8Array[] = []
    for (let at = 0; at + 1 < level.length; at += 2) above.push(nodeHash(level[at] ?? missing(), level[at + 1] ?? missing()))
    level = above
  }
  return level[0] ?? missing()
}

function missing(): never {
  throw new RangeError('a subtree has at least one node')
}
