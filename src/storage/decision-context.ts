import type { DecisionContext } from '../decisions/decision.ts'

/** The well-known fields of a decision's context that lists can be filtered by (`repository` has a column of its own as well). */
export const FILTERABLE_CONTEXT = [
  'commit',
  'commitTime',
  'author',
  'actor',
  'repository',
  'ref',
  'baseRef',
  'version',
  'trigger',
  'pipeline',
  'execution',
  'executionUrl',
  'startedAt',
  'changeTicket',
] as const

// Index rows must stay short: longer values are found by their head.
const MAX_INDEXED = 256

/** The part of a context value that is indexed. */
export function indexedValue(value: string): string {
  return value.length > MAX_INDEXED ? value.slice(0, MAX_INDEXED) : value
}

export function contextRows(context: DecisionContext): [key: string, value: string][] {
  return FILTERABLE_CONTEXT.flatMap((key) => {
    const value = context[key]
    return typeof value === 'string' ? [[key, indexedValue(value)]] : []
  })
}
