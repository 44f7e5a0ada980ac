import { canonicalJson } from './canonical-json.ts'
import type { Cause, JsonValue } from './log-entry.ts'
import type { Access, Principal, Scope } from './principal.ts'

/** What the store is to carry out: one of its operations with its arguments, plain data. */
export interface ChangeEffect {
  operation: string
  args: object
}

/**
 * Why a change may need a second person: it gives somebody power over others (`access`), or lets pass what was denied before (`loosening`).
 */
export type Guard = 'access' | 'loosening'

/** For which changes the operator wants a second person: `on` for those of access, `all` for loosening ones too. */
export const SECOND_PERSON = ['on', 'all', 'off'] as const

export type SecondPerson = (typeof SECOND_PERSON)[number]

/** Whether a second person is wanted for a change at all. */
export function isGuarded(guard: Guard | false, wanted: SecondPerson): boolean {
  return guard !== false && wanted !== 'off' && (guard === 'access' || wanted === 'all')
}

/** A change that was checked against what is there. */
export interface ChangePlan {
  /** One plain sentence. */
  summary: string
  /** What of the target becomes different, as it is, without secrets; null if there is none yet. */
  before: JsonValue
  /** The same as it would be; null if it is to be removed. */
  after: JsonValue
  /** Why it may need a second person; false if it never does. */
  guarded: Guard | false
  effect: ChangeEffect
}

/** By whose word something changes, and in which request. */
export interface ChangeMeta {
  /** Who asked for it, also if somebody else approves. */
  by: Pick<Principal, 'id' | 'name'>
  cause: Cause
}

/**
 * A kind of change that may need a second person. Planning it and carrying it out are apart, so that somebody can look at it in between; it is
 * planned again then, with the rights of whoever approves.
 */
export interface ChangeKind<Payload = unknown, Result = unknown> {
  /** What proposer and approver need. */
  readonly scope: Scope
  /** What it changes, such as `issuers/github`: a change that waits is outdated once this changed otherwise. */
  target(payload: Payload): string | Promise<string>
  /** @throws {AppError} whatever is wrong with it, or if this access may not do it */
  plan(access: Access, payload: Payload, meta: ChangeMeta): Promise<ChangePlan>
  /** What the store's operation answered. */
  resultOf(outcome: unknown): Result
}

/** The parts of two records that differ, for people to compare. */
export function differingParts(before: object | undefined, after: object | undefined): { before: JsonValue; after: JsonValue } {
  const [old, fresh] = [{ ...before }, { ...after }] as Record<string, JsonValue | undefined>[]
  if (!before || !after || !old || !fresh) return { before: (before ?? null) as JsonValue, after: (after ?? null) as JsonValue }
  const differing = [...new Set([...Object.keys(old), ...Object.keys(fresh)])].filter(
    (key) => canonicalJson(old[key] ?? null) !== canonicalJson(fresh[key] ?? null),
  )
  const pick = (record: Record<string, JsonValue | undefined>): JsonValue =>
    Object.fromEntries(differing.map((key) => [key, record[key] ?? null]))
  return { before: pick(old), after: pick(fresh) }
}
