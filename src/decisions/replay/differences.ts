import { canonicalJson } from '../../core/canonical-json.ts'
import type { RuledDecision } from '../compose-decision.ts'
import type { Decision } from '../decision.ts'

/** A part of a decision that a replay gives otherwise. */
export interface Difference {
  /** Of the decision, such as `verdict` or `violations`. */
  field: string
  /** Of lists, what only the recorded decision has; else its value. At most 20. */
  recorded: unknown
  /** The same of the replay. */
  replayed: unknown
  /** True if nothing but sentences differ: another version of the service words them otherwise. */
  wordingOnly: boolean
}

const MOST_LISTED = 20

/** What the recorded decision says otherwise than the replay, field by field. */
export function differences(recorded: Decision, replayed: RuledDecision): Difference[] {
  return (Object.keys(replayed) as (keyof RuledDecision)[]).flatMap((field) => differenceIn(field, recorded[field], replayed[field]) ?? [])
}

function differenceIn(field: string, recorded: unknown, replayed: unknown): Difference | undefined {
  if (textOf(recorded) === textOf(replayed)) return undefined
  const wordingOnly = textOf(withoutSentences(recorded)) === textOf(withoutSentences(replayed))
  if (!Array.isArray(recorded) || !Array.isArray(replayed)) return { field, recorded, replayed, wordingOnly }
  return { field, recorded: onlyIn(recorded, replayed), replayed: onlyIn(replayed, recorded), wordingOnly }
}

function onlyIn(items: readonly unknown[], others: readonly unknown[]): unknown[] {
  const known = new Set(others.map(textOf))
  return items.filter((item) => !known.has(textOf(item))).slice(0, MOST_LISTED)
}

function withoutSentences(value: unknown): unknown {
  if (!Array.isArray(value)) return value
  return value.map((item: unknown) => {
    if (typeof item !== 'object' || item === null) return item
    const { message: _message, fix: _fix, ...rest } = item as Record<string, unknown>
    return rest
  })
}

function textOf(value: unknown): string {
  return canonicalJson(value ?? null)
}
