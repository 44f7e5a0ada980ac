import type { Conditions } from './conditions.ts'
import type { Parameter, ReadSession } from './session.ts'

/** A column of an index, and the values that are walked of it. */
export interface WalkedColumn {
  name: string
  type: 'text' | 'integer'
  values: readonly string[] | readonly number[]
}

/** Many walks through one index, one for each combination of values. */
export interface Walks {
  /** What the walks read; columns below are named as it names them. */
  from: string
  /** The columns of the index, in its order; `key` follows them. */
  columns: readonly WalkedColumn[]
  key: string
  order: 'asc' | 'desc'
  /** What else must hold. Nothing in it may choose another index. */
  conditions: Conditions
  limit: number
  /** The key at which the list begins, if keys have few gaps: what is frequent is then found near it without any walk. */
  begin?: number
  /** Several rows may have one key. */
  repeats?: true
}

type Combination = (string | number)[]

// Fewer are walked without asking first which of them begin earliest.
const FEW = 60
/** Rows that are looked at one by one before anything else is tried. */
const NEAR = 5000
/** So many rows can be looked at one by one, if need be. */
const RARE = 20_000

/**
 * The first keys of all walks together, in order. No walk goes further than a page, and no more walks are made than a page has rows: only those
 * that begin first can be on it. So a list of a thousand repositories costs a thousand lookups, however many rows they have.
 */
export async function walkTogether(session: ReadSession, walks: Walks): Promise<number[]> {
  const count = walks.columns.reduce((product, { values }) => product * values.length, 1)
  if (count <= FEW) return merged(session, walks, combinations(walks.columns))
  const near = walks.begin === undefined ? [] : await nearby(session, walks, walks.begin)
  return near.length === walks.limit ? near : merged(session, walks, await earliest(session, walks))
}

/** True if so few rows fit that their own index is a better way in than any walks. */
export async function isRare(session: ReadSession, table: string, conditions: Conditions): Promise<boolean> {
  const sql = `select 1 as found from ${table} ${conditions.toSql()} limit 1 offset ?`
  return (await session.all(sql, [...conditions.parameters, RARE])).length === 0
}

async function merged(session: ReadSession, walks: Walks, combined: readonly Combination[]): Promise<number[]> {
  if (combined.length === 0) return []
  const distinct = distinctOf(walks)
  const walk = `select ${distinct}${walks.key} as walked from ${walks.from} ${whereOf(walks, (at) => `${walks.columns[at]?.name} = ?`)}`
  const parameters = combined.flatMap((values): Parameter[] => [...values, ...walks.conditions.parameters, walks.limit])
  const parts = combined.map(() => `select * from (${walk} order by ${walks.key} ${walks.order} limit ?) as walk`)
  const sql = `select ${distinct}walked from (${parts.join(' union all ')}) as walks order by walked ${walks.order} limit ?`
  return (await session.all(sql, [...parameters, walks.limit])).map((row) => Number(row['walked']))
}

/** The first keys among the rows at the beginning of the list. */
async function nearby(session: ReadSession, walks: Walks, begin: number): Promise<number[]> {
  const { columns, key, order, from, conditions, limit } = walks
  const [low, high] = order === 'asc' ? [begin, begin + NEAR] : [begin - NEAR, begin]
  const wanted = columns.map(({ name }) => session.oneOf(session.unindexed(name))).join(' and ')
  const sql = `select ${distinctOf(walks)}${key} as walked from ${from} where ${key} between ? and ? and ${wanted}${conditions.andSql()}
    order by ${key} ${order} limit ?`
  const rows = await session.all(sql, [low, high, ...columns.map(({ values }) => values), ...conditions.parameters, limit])
  return rows.map((row) => Number(row['walked']))
}

/** The combinations whose walks begin first. */
async function earliest(session: ReadSession, walks: Walks): Promise<Combination[]> {
  const { columns, key, order, from, conditions, limit } = walks
  const aliases = columns.map((_, at) => `v${at}`)
  const sources = columns.map(({ type }, at) => session.each(aliases[at] ?? '', type))
  const first = `select ${key} from ${from} ${whereOf(walks, (at) => `${columns[at]?.name} = ${aliases[at]}.value`)} order by ${key} ${order} limit 1`
  const sql = `select * from (select ${aliases.map((alias) => `${alias}.value as ${alias}`).join(', ')}, (${first}) as walked
    from ${sources.join(' cross join ')}) as firsts where walked is not null order by walked ${order} limit ?`
  // The subquery stands before the sources, and so do its parameters.
  const rows = await session.all(sql, [...conditions.parameters, ...columns.map(({ values }) => values), limit])
  return rows.map((row) => columns.map(({ type }, at) => (type === 'text' ? String(row[`v${at}`]) : Number(row[`v${at}`]))))
}

function whereOf({ conditions, columns }: Walks, equal: (at: number) => string): string {
  return `where ${columns.map((_, at) => equal(at)).join(' and ')}${conditions.andSql()}`
}

function distinctOf({ repeats }: Walks): string {
  return repeats ? 'distinct ' : ''
}

function combinations(columns: readonly WalkedColumn[]): Combination[] {
  return columns.reduce<Combination[]>(
    (made, { values }) => made.flatMap((before) => values.map((value): Combination => [...before, value])),
    [[]],
  )
}
