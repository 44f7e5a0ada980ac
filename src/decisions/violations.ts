import type { Digest } from '../core/digest.ts'
import { compareSeverity, SEVERITIES, type Severity } from '../core/severity.ts'
import type { Evidence, Finding } from '../evidence/index.ts'
import { renderResult } from '../policy/messages/index.ts'
import type { Binding } from '../policy/model.ts'
import type { EvaluationOutcome } from '../policy/evaluator.ts'
import type { PackResult } from '../policy/result.ts'
import { baselineWarnings } from './baselines/uses.ts'
import type { Violation, ViolationFinding } from './decision.ts'
import type { SelectedEvidence } from './evidence-selection.ts'
import type { PreparedBinding } from './prepare.ts'
import type { PackEvidence } from './subject-view.ts'

/** A violation and whether its pack meant it as a warning only. */
export interface JudgedViolation {
  effect: 'violation' | 'warning'
  violation: Violation
}

/** What one binding's pack says. */
export interface Judgement {
  items: JudgedViolation[]
  /** Instants (milliseconds since the epoch) that an allow must not outlast, as the pack says. */
  endsAt: number[]
}

/** More findings than this are counted, not listed; the evidence has them all. */
export const MAX_LISTED_FINDINGS = 100
const RULE_NAME = /^[a-z][a-z0-9_]{0,63}$/
const WAIVABLE_BY = ['waivers:approve']

/** More results than this are the fault of the pack. */
const MAX_RESULTS = 1000

/** What one binding's pack has against passing: its own results, and what holds for every pack. */
export function judge(prepared: PreparedBinding, outcome: EvaluationOutcome): Judgement {
  const { plan, evidence, view } = prepared
  const { binding } = plan
  if (evidence.fault !== null) return { items: [gateViolation('policy_error', binding, evidence.fault)], endsAt: [] }
  const results = outcome.ok ? readResults(outcome.results) : outcome
  if (!Array.isArray(results)) return { items: [gateViolation(results.code, binding, results.reason)], endsAt: [] }
  const items = [
    ...[...results, ...baselineWarnings(prepared)].filter(saysSomething).map((result) => fromResult(result, binding, evidence)),
    ...unusableEvidence(binding, evidence.selection.unusable),
  ]
  if (view.sources.length > 1 && !plan.anySource) {
    items.push(
      fromResult(
        {
          rule: 'ambiguous_source',
          args: { sources: view.sources.length, declarers: [...new Set(view.sources.flatMap((source) => source.declaredBy))] },
        },
        binding,
        evidence,
      ),
    )
  }
  items.sort(worstFirst)
  return { items, endsAt: results.flatMap(({ valid_until: end }) => (end === undefined ? [] : [end * 1000])) }
}

function saysSomething({ effect }: PackResult): boolean {
  return effect !== 'none'
}

/** Denials before warnings, then by severity; the order that packs return is kept among equals. */
function worstFirst(a: JudgedViolation, b: JudgedViolation): number {
  if (a.effect !== b.effect) return a.effect === 'violation' ? -1 : 1
  return compareSeverity(a.violation.severity ?? 'negligible', b.violation.severity ?? 'negligible')
}

/** Every result, or what is wrong with the first one that can't be read: a pack that errs may not allow. */
function readResults(values: readonly unknown[]): PackResult[] | { code: 'policy_error'; reason: string } {
  if (values.length > MAX_RESULTS) return { code: 'policy_error', reason: `the pack returned more than ${MAX_RESULTS} results` }
  const results: PackResult[] = []
  for (const value of values) {
    const result = readResult(value)
    if (typeof result === 'string') return { code: 'policy_error', reason: result }
    results.push(result)
  }
  return results
}

/** A denial by the gate itself: `gate.no_binding`, `gate.policy_error` or `gate.policy_timeout`. */
export function gateViolation(
  rule: 'no_binding' | 'policy_error' | 'policy_timeout',
  binding: Binding | null,
  reason: string | null,
): JudgedViolation {
  const { message, fix } = renderResult('gate', { rule, args: { pack: binding?.pack ?? null, binding: binding?.name ?? null, reason } }, [])
  return {
    effect: 'violation',
    violation: {
      rule: `gate.${rule}`,
      pack: 'gate',
      binding: binding?.name ?? null,
      message,
      severity: null,
      evidence: [],
      missing: [],
      fix,
      findings: [],
      waivableBy: [],
      nextOpen: null,
    },
  }
}

/** The presence of an unusable report counts against passing, in the binding's mode; several that say the same are named together. */
function unusableEvidence(binding: Binding, unusable: readonly SelectedEvidence[]): JudgedViolation[] {
  const alike = new Map<string, { args: Record<string, string | boolean | null>; digests: Set<Digest> }>()
  for (const item of unusable) {
    const { evidence } = item
    const args = {
      format: evidence.format,
      name: evidence.name,
      completeness: evidence.completeness,
      reason: evidence.completenessReason,
      mismatch: item.match === 'mismatch',
      stated: evidence.statedDigests[0] ?? null,
    }
    const key = JSON.stringify(args)
    const known = alike.get(key) ?? { args, digests: new Set() }
    alike.set(key, { args, digests: known.digests.add(evidence.digest) })
  }
  return [...alike.values()].map(({ args, digests }) => {
    const judged = fromResult({ rule: 'evidence_unusable', args }, binding, undefined)
    return { ...judged, violation: { ...judged.violation, evidence: [...digests].sort() } }
  })
}

function fromResult(result: PackResult, binding: Binding, evidence: PackEvidence | undefined): JudgedViolation {
  const findings = (result.findings ?? []).flatMap(([at, index]) => listedFinding(evidence, at, index) ?? [])
  const { message, fix } = renderResult(binding.pack, result, findings)
  return {
    effect: result.effect === 'warning' ? 'warning' : 'violation',
    violation: {
      rule: `${binding.pack}.${result.rule}`,
      pack: binding.pack,
      binding: binding.name,
      message,
      severity: result.severity ?? null,
      evidence: referencedDigests(result, evidence),
      missing: [...(result.missing ?? [])],
      fix,
      findings: findings.slice(0, MAX_LISTED_FINDINGS),
      waivableBy: WAIVABLE_BY,
      nextOpen: result.next_open ?? null,
    },
  }
}

function listedFinding(evidence: PackEvidence | undefined, at: number, index: number): ViolationFinding | undefined {
  const item = evidence?.selection.counted[at]
  if (!item || !evidence) return undefined
  const found = evidence.composed.findings[at]?.[index]
  return found && shownFinding(found, item.evidence)
}

/** A finding as decisions show it. */
export function shownFinding(found: Finding, evidence: Evidence): ViolationFinding {
  return {
    id: found.id,
    aliases: found.aliases,
    purl: found.purl,
    package: found.package,
    version: found.version,
    severity: found.severity,
    fixedVersion: found.fixedVersion,
    location: found.location,
    evidence: evidence.digest,
  }
}

function referencedDigests(result: PackResult, evidence: PackEvidence | undefined): Digest[] {
  const indexes = new Set([...(result.evidence ?? []), ...(result.findings ?? []).map(([at]) => at)])
  return [...new Set([...indexes].flatMap((at) => evidence?.selection.counted[at]?.evidence.digest ?? []))].sort()
}

/** Reads what a pack returned, which may be custom code: a result, or a sentence that says what is wrong with it. */
function readResult(value: unknown): PackResult | string {
  if (typeof value === 'string') return { rule: 'violation', message: value }
  if (typeof value !== 'object' || value === null) return 'a result is neither a string nor an object'
  const raw = value as { readonly [key: string]: unknown }
  const rule = raw['rule'] ?? 'violation'
  if (typeof rule !== 'string' || !RULE_NAME.test(rule)) return 'a result has a malformed rule name'
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
    ...(typeof raw['message'] === 'string' && { message: raw['message'] }),
    ...(typeof raw['fix'] === 'string' && { fix: raw['fix'] }),
    next_open: typeof raw['next_open'] === 'string' ? raw['next_open'] : null,
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
