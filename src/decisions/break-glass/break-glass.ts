import { canonicalDigest } from '../../core/canonical-json.ts'
import type { Digest } from '../../core/digest.ts'
import { formatInstant } from '../../core/time.ts'
import type { BindingOutcome } from '../../governance/apply.ts'
import { breakGlassMs } from '../../policy/break-glass.ts'
import type { Binding } from '../../policy/model.ts'
import type { Violation } from '../decision.ts'
import type { Question } from '../question.ts'
import { gateViolation, type JudgedViolation } from '../violations.ts'
import type { AskedBreakGlass } from './read-break-glass.ts'

/** An allow against what policies say: by whom, why, and until when. */
export interface BreakGlass extends AskedBreakGlass {
  /** RFC 3339 UTC: the allow ends then at the latest. */
  until: string
  /** Names of the bindings that would have denied, each of which permits it. */
  bindings: string[]
  /** What they would have denied by; it is listed among the warnings. */
  rules: string[]
}

/** What a binding says; `null` where none applied. */
export interface RuledOutcome extends BindingOutcome<Violation> {
  binding: Binding | null
  items: readonly JudgedViolation[]
}

/** A denial with the glass broken; `mark` is null where that isn't permitted, and the denial stands. */
export interface AfterBreaking {
  outcomes: readonly RuledOutcome[]
  mark: BreakGlass | null
}

/**
 * Breaks the glass over a denial. Every binding that denies has to permit it, and the shortest of their durations holds: one that doesn't permit it can't
 * be passed, nor the absence of any. Their violations stay visible as warnings.
 */
export function breakGlass(asked: AskedBreakGlass, outcomes: readonly RuledOutcome[], at: number): AfterBreaking {
  const denying = outcomes.filter(denies)
  const limits = denying.map(({ binding }) => (binding?.breakGlass ? breakGlassMs(binding.breakGlass) : 0))
  if (limits.includes(0)) return { outcomes: [...outcomes, refusal(denying)], mark: null }
  const bindings = denying.flatMap(({ binding }) => binding?.name ?? [])
  const rules = denying.flatMap(({ items }) => items.filter(isViolation).map(({ violation }) => violation.rule))
  return {
    outcomes: outcomes.map((outcome) => (denies(outcome) ? overridden(outcome) : outcome)),
    mark: {
      ...asked,
      until: formatInstant(at + Math.min(...limits)),
      bindings: [...new Set(bindings)].sort(),
      rules: [...new Set(rules)].sort(),
    },
  }
}

/** Names one breaking of the glass, which whoever reviews it can take back. It follows from the question alone, so that a replay gives the same. */
export function breakGlassId({ subject, stage, environment, repository, at, breakGlass: asked }: Question): Digest {
  return canonicalDigest({ subject: subject.id, stage, environment, repository, at: formatInstant(at), asked: asked && { ...asked } })
}

/** Its windows don't bind an allow against it; how long it lets anything hold does, unless it couldn't be carried out. */
function overridden({ binding, items, validForMs, ...outcome }: RuledOutcome): RuledOutcome {
  const limit = binding?.breakGlass ? breakGlassMs(binding.breakGlass) : 0
  return {
    ...{ ...outcome, binding, endsAt: [], validForMs: validForMs > 0 ? Math.min(validForMs, limit) : limit },
    items: items.map((item) => ({ ...item, effect: 'warning' })),
  }
}

/** Says which bindings stand in the way; a denial it was before. */
function refusal(denying: readonly RuledOutcome[]): RuledOutcome {
  const names = denying.flatMap(({ binding }) => (binding && !binding.breakGlass ? [binding.name] : []))
  const reason = names.length > 0 ? [...new Set(names)].sort().join(', ') : null
  const items = [gateViolation('break_glass_refused', null, reason)]
  return { binding: null, mode: 'enforce', validForMs: denying[0]?.validForMs ?? 0, endsAt: [], items }
}

function denies({ mode, items }: RuledOutcome): boolean {
  return mode === 'enforce' && items.some(isViolation)
}

function isViolation({ effect }: JudgedViolation): boolean {
  return effect === 'violation'
}
