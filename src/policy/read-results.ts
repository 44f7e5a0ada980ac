import { SEVERITIES, type Severity } from '../core/severity.ts'
import { isControlId } from './controls.ts'
import { unrolled } from './gathered-results.ts'
import type { PackResult } from './result.ts'
import { ruleNameOf } from './rule-name.ts'

/** More results than this are the fault of the pack. */
const MAX_RESULTS = 1000
const MAX_CONTROLS = 20

/**
 * What a pack returned, which may be custom code: its results, or a sentence on what is wrong with the first that can't be read, since a pack that
 * errs may not allow.
 */
export function readResults(returned: readonly unknown[]): PackResult[] | string {
  const values = unrolled(returned)
  if (typeof values === 'string') return values
  if (values.length > MAX_RESULTS) return `the pack returned more than ${MAX_RESULTS} results`
  const results: PackResult[] = []
  for (const value of values) {
    const result = readResult(value)
    if (typeof result === 'string') return result
    results.push(result)
  }
  return results
}

function readResult(value: unknown): PackResult | string {
  if (typeof value === 'string') return { rule: 'violation', message: value }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'a result is neither a string nor an object'
  const raw = value as { readonly [key: string]: unknown }
  const named = raw['rule'] ?? raw['code'] ?? 'violation'
  const rule = typeof named === 'string' || typeof named === 'number' ? ruleNameOf(String(named)) : undefined
  if (rule === undefined) return 'a result has a malformed rule name'
  const message = raw['message'] ?? raw['msg']
  const effect = raw['effect'] ?? 'violation'
  if (!isEffect(effect)) return `rule ${rule} has an effect that is neither violation nor warning`
  return {
    rule,
    effect,
    ...(isSeverity(raw['severity']) && { severity: raw['severity'] }),
    ...(typeof raw['args'] === 'object' && raw['args'] !== null && { args: raw['args'] as NonNullable<PackResult['args']> }),
    findings: pairsOf(raw['findings']),
    evidence: numbersOf(raw['evidence']),
    missing: Array.isArray(raw['missing']) ? raw['missing'].filter((item) => typeof item === 'string').slice(0, 100) : [],
    ...(typeof message === 'string' && { message }),
    ...(typeof raw['fix'] === 'string' && { fix: raw['fix'] }),
    ...(Array.isArray(raw['controls']) && { controls: raw['controls'].filter(isControlId).slice(0, MAX_CONTROLS) }),
    next_open: typeof raw['next_open'] === 'string' ? raw['next_open'] : null,
    ...(raw['awaits'] === 'approval' && { awaits: raw['awaits'] }),
    ...(Number.isFinite(raw['valid_until']) && { valid_until: raw['valid_until'] as number }),
  }
}

function isEffect(value: unknown): value is NonNullable<PackResult['effect']> {
  return value === 'violation' || value === 'warning' || value === 'none'
}

function isSeverity(value: unknown): value is Severity {
  return SEVERITIES.some((severity) => severity === value)
}

function numbersOf(value: unknown): number[] {
  return Array.isArray(value) ? value.filter((item): item is number => Number.isInteger(item)) : []
}

function pairsOf(value: unknown): [number, number][] {
  if (!Array.isArray(value)) return []
  return value.flatMap((item): [number, number][] =>
    Array.isArray(item) && Number.isInteger(item[0]) && Number.isInteger(item[1]) ? [[item[0], item[1]]] : [],
  )
}
