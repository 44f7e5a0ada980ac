import type { Access } from '../core/principal.ts'
import { matchesAnyRepository } from '../core/repository.ts'
import { formatInstant } from '../core/time.ts'
import type { OwnershipCache } from '../ownership/ownership-cache.ts'
import type { OwnershipMap } from '../ownership/ownership-map.ts'
import type { Binding } from '../policy/model.ts'
import type { DecisionStore, ObjectionRow } from './ports.ts'

/** Most decisions that are looked at, the newest first. */
const MOST_DECISIONS = 20_000

export interface WouldDenyQuery {
  /** RFC 3339 UTC; default: when the binding was last changed. */
  from?: string
  /** RFC 3339 UTC, exclusive; default: now. */
  to?: string
  /** Repository globs that it is narrowed to. */
  owned?: readonly string[]
}

/** What a binding that doesn't enforce has against one repository. */
export interface WouldDenyRepository {
  /** Null for decisions of no known repository. */
  repository: string | null
  project: string | null
  teams: string[]
  /** Decisions that allowed, and wouldn't have if the binding enforced. */
  decisions: number
  /** Decisions that it has something against too, but that others denied. */
  deniedAnyway: number
  subjects: number
  /** Which of its rules, most often broken first. */
  rules: { rule: string; decisions: number }[]
  newest: { id: string; at: string; subject: string; stage: string; environment: string }
}

/** Whom a binding would deny if it enforced, by what was decided while it didn't. */
export interface WouldDeny {
  binding: string
  pack: string
  mode: Binding['mode']
  from: string
  to: string
  /** False if more decisions are on record than were looked at; then these are the newest. */
  complete: boolean
  decisions: number
  repositories: number
  teams: { team: string; repositories: number; decisions: number }[]
  items: WouldDenyRepository[]
}

export interface WouldDenyParts {
  decisions: Pick<DecisionStore, 'objections'>
  ownership: Pick<OwnershipCache, 'current'>
}

/**
 * Whom a binding would deny if it enforced, by repository and team: the recorded decisions that it has a violation against while in
 * mode `shadow` or `warn`.
 * @param now milliseconds since the epoch
 */
export async function wouldDeny(
  access: Access,
  binding: Binding,
  query: WouldDenyQuery,
  now: number,
  parts: WouldDenyParts,
): Promise<WouldDeny> {
  const period = { from: query.from ?? binding.updatedAt, to: query.to ?? formatInstant(now) }
  const [{ rows, complete }, ownership] = await Promise.all([
    parts.decisions.objections(binding.name, period, MOST_DECISIONS),
    parts.ownership.current(),
  ])
  const visible = rows.filter((row) => maySee(row, access.confinement) && isOwned(row, query.owned))
  const items = [...byRepository(visible).values()].map((group) => summarise(group, ownership))
  const denied = items.filter(({ decisions }) => decisions > 0)
  return {
    ...{ binding: binding.name, pack: binding.pack, mode: binding.mode, ...period, complete },
    decisions: denied.reduce((sum, { decisions }) => sum + decisions, 0),
    repositories: denied.length,
    teams: byTeam(denied),
    items,
  }
}

function maySee({ repository, environment, stage }: ObjectionRow, { repositories, environments, stages }: Access['confinement']): boolean {
  if (repositories && (repository === null || !matchesAnyRepository(repositories, repository))) return false
  return (environments?.includes(environment) ?? true) && (stages?.includes(stage) ?? true)
}

function isOwned({ repository }: ObjectionRow, owned: readonly string[] | undefined): boolean {
  if (!owned) return true
  // Forges don't tell letter case apart in names.
  return repository !== null && matchesAnyRepository(lowerCase(owned), repository.toLowerCase())
}

function lowerCase(globs: readonly string[]): string[] {
  return globs.map((glob) => glob.toLowerCase())
}

function byRepository(rows: readonly ObjectionRow[]): Map<string | null, ObjectionRow[]> {
  const groups = new Map<string | null, ObjectionRow[]>()
  for (const row of rows) {
    const group = groups.get(row.repository)
    if (group) group.push(row)
    else groups.set(row.repository, [row])
  }
  return groups
}

/** @param rows of one repository, newest first */
function summarise(rows: readonly ObjectionRow[], ownership: OwnershipMap): WouldDenyRepository {
  const [newest] = rows
  if (!newest) throw new TypeError('a group has a row')
  const { project, owners } = ownership.ownerOf(newest.repository)
  const allowed = rows.filter(({ verdict }) => verdict === 'allow')
  const { id, at, subject, stage, environment } = newest
  return {
    repository: newest.repository,
    project,
    teams: owners.map(({ team }) => team),
    decisions: allowed.length,
    deniedAnyway: rows.length - allowed.length,
    subjects: new Set(rows.map((row) => row.subject)).size,
    rules: countRules(rows),
    newest: { id, at, subject, stage, environment },
  }
}

function countRules(rows: readonly ObjectionRow[]): WouldDenyRepository['rules'] {
  const counts = new Map<string, number>()
  for (const { rules } of rows) for (const rule of rules) counts.set(rule, (counts.get(rule) ?? 0) + 1)
  return [...counts]
    .map(([rule, decisions]) => ({ rule, decisions }))
    .sort((a, b) => b.decisions - a.decisions || (a.rule < b.rule ? -1 : 1))
}

function byTeam(items: readonly WouldDenyRepository[]): WouldDeny['teams'] {
  const teams = new Map<string, { repositories: number; decisions: number }>()
  for (const { teams: names, decisions } of items) {
    for (const team of names) {
      const sum = teams.get(team) ?? { repositories: 0, decisions: 0 }
      teams.set(team, { repositories: sum.repositories + 1, decisions: sum.decisions + decisions })
    }
  }
  return [...teams].map(([team, sum]) => ({ team, ...sum })).sort((a, b) => b.decisions - a.decisions || (a.team < b.team ? -1 : 1))
}
