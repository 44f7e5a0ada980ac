import type { ClaimValue } from '../rule.ts'
import type { Demands } from './kind.ts'

/** How much of a claim has to stand there without a wildcard, so that it says who. */
export type Firmness =
  /** All of it. */
  | 'exact'
  /** All of it, or a pattern that begins with a whole first part and its slash: `acme/*`, but neither `acme*` nor `*\/app`. */
  | 'owner'
  /** Anything: names within an installation that belongs to one organisation. */
  | 'some'
  /** What this says of the beginning before the first wildcard, or of the whole. */
  | ((literal: string) => boolean)

/** True if one of the sets of claims is demanded as firmly as it needs to be. */
export function anyOf(...sets: readonly Readonly<Record<string, Firmness>>[]): (demands: Demands) => boolean {
  return (demands) => sets.some((set) => Object.entries(set).every(([name, firmness]) => isFirm(demands, name, firmness)))
}

function isFirm({ claims, patterns }: Demands, name: string, firmness: Firmness): boolean {
  const value = own(claims, name)
  if (value !== undefined && value !== '') return typeof firmness === 'function' ? firmness(String(value)) : true
  const pattern = own(patterns, name)
  return pattern !== undefined && isFirmPattern(pattern, firmness)
}

function isFirmPattern(pattern: string, firmness: Firmness): boolean {
  const wildcard = pattern.indexOf('*')
  const literal = wildcard === -1 ? pattern : pattern.slice(0, wildcard)
  if (typeof firmness === 'function') return firmness(literal)
  if (wildcard === -1) return true
  if (firmness === 'owner') return /^[^/]+\//.test(literal)
  return firmness === 'some' && /[^*/]/.test(pattern)
}

function own<Value extends ClaimValue>(record: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}
