import type { Digest } from '../core/digest.ts'
import { compareSeverity } from '../core/severity.ts'
import type { Evidence, Finding } from '../evidence/index.ts'
import type { Block } from '../governance/blocks/block.ts'
import { renderResult } from '../policy/messages/index.ts'
import type { Binding } from '../policy/model.ts'
import type { EvaluationOutcome } from '../policy/evaluator.ts'
import { readResults } from '../policy/read-results.ts'
import type { PackResult } from '../policy/result.ts'
import { baselineWarnings } from './baselines/uses.ts'
import type { PlannedBinding } from './binding-plans.ts'
import type { Violation, ViolationFinding } from './decision.ts'
import type { SelectedEvidence } from './evidence-selection.ts'
import type { PreparedBinding } from './prepare.ts'
import type { PackEvidence } from './subject-view.ts'

/** A violation and whether its pack meant it as a warning only. */
export interface JudgedViolation {
  effect: 'violation' | 'warning'
  violation: Violation
  /** The findings that it counts: index of the piece of evidence, index in its findings. All of them, whatever is listed. */
  counts: readonly (readonly [number, number])[]
  /** People's approvals would put it right. */
  awaits?: 'approval'
}

/** What one binding's pack says. */
export interface Judgement {
  items: JudgedViolation[]
  /** Instants (milliseconds since the epoch) that an allow must not outlast, as the pack says. */
  endsAt: number[]
}

/** More findings than this are counted, not listed; the evidence has them all. */
export const MAX_LISTED_FINDINGS = 100
const WAIVABLE_BY = ['waivers:approve']

/** Rules that the service itself reports for every pack. */
export const COMMON_RULES: ReadonlySet<string> = new Set(['evidence_unusable', 'ambiguous_source'])

/** What one binding's pack has against passing: its own results, and what holds for every pack. */
export function judge(prepared: PreparedBinding, outcome: EvaluationOutcome): Judgement {
  const { plan, evidence, view } = prepared
  const { binding } = plan
  if (evidence.fault !== null) return { items: [gateViolation('policy_error', binding, evidence.fault)], endsAt: [] }
  if (!outcome.ok) return { items: [gateViolation(outcome.code, binding, outcome.reason)], endsAt: [] }
  const results = readResults(outcome.results)
  if (typeof results === 'string') return { items: [gateViolation('policy_error', binding, results)], endsAt: [] }
  const items = [
    ...[...results, ...baselineWarnings(prepared)].filter(saysSomething).map((result) => fromResult(result, plan, evidence)),
    ...unusableEvidence(plan, evidence.selection.unusable),
  ]
  if (view.sources.length > 1 && !plan.anySource) {
    items.push(
      fromResult(
        {
          rule: 'ambiguous_source',
          args: { sources: view.sources.length, declarers: [...new Set(view.sources.flatMap((source) => source.declaredBy))] },
        },
        plan,
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
export function worstFirst(a: JudgedViolation, b: JudgedViolation): number {
  if (a.effect !== b.effect) return a.effect === 'violation' ? -1 : 1
  return compareSeverity(a.violation.severity ?? 'negligible', b.violation.severity ?? 'negligible')
}

/** A denial by the gate itself: `gate.no_binding`, `gate.policy_error`, `gate.policy_timeout` or `gate.break_glass_refused`. */
export function gateViolation(
  rule: 'no_binding' | 'policy_error' | 'policy_timeout' | 'break_glass_refused',
  binding: Binding | null,
  reason: string | null,
): JudgedViolation {
  return fromGate({ rule, args: { pack: binding?.pack ?? null, binding: binding?.name ?? null, reason } }, binding)
}

/** `gate.blocked`: the subject, or what it is linked to, passes nowhere. */
export function blockedViolation({ id, subject, reason, placedAt }: Block, judged: string): JudgedViolation {
  return fromGate({ rule: 'blocked', args: { block: id, subject: subject === judged ? null : subject, reason, since: placedAt } }, null)
}

function fromGate(result: PackResult, binding: Binding | null): JudgedViolation {
  const { message, fix } = renderResult('gate', result, [])
  return {
    effect: 'violation',
    counts: [],
    violation: {
      rule: `gate.${result.rule}`,
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
      controls: [],
    },
  }
}

/** The presence of an unusable report counts against passing, in the binding's mode; several that say the same are named together. */
function unusableEvidence(plan: PlannedBinding, unusable: readonly SelectedEvidence[]): JudgedViolation[] {
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
    const judged = fromResult({ rule: 'evidence_unusable', args }, plan, undefined)
    return { ...judged, violation: { ...judged.violation, evidence: [...digests].sort() } }
  })
}

function fromResult(result: PackResult, { binding, manifest }: PlannedBinding, evidence: PackEvidence | undefined): JudgedViolation {
  const findings = (result.findings ?? []).flatMap(([at, index]) => listedFinding(evidence, at, index) ?? [])
  const { message, fix } = renderResult(binding.pack, result, findings)
  return {
    effect: result.effect === 'warning' ? 'warning' : 'violation',
    counts: result.findings ?? [],
    ...(result.awaits && { awaits: result.awaits }),
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
      controls: [...(result.controls ?? manifest.rules.find(({ name }) => name === result.rule)?.controls ?? [])],
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
