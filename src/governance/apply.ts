/** How a binding's violations count. */
export type Mode = 'enforce' | 'warn' | 'shadow'

/** What one binding says, and how long an allow under it holds. */
export interface BindingOutcome<Violation> {
  mode: Mode
  /** How long an allow holds, in milliseconds. */
  validForMs: number
  /** Instants (milliseconds since the epoch) at which an allow ends because of what it rests on: the close of a window, the next freeze. */
  endsAt: readonly number[]
  items: readonly { effect: 'violation' | 'warning'; violation: Violation }[]
}

/** The verdict over all bindings. */
export interface Ruling<Violation> {
  verdict: 'allow' | 'deny'
  /** True only if a binding in mode enforce applied. */
  enforced: boolean
  /** What denies. */
  violations: Violation[]
  warnings: Violation[]
  /** What bindings in mode shadow have against passing, without any effect. */
  shadow: Violation[]
  /** Milliseconds since the epoch. */
  expiresAt: number
}

/** How long a verdict holds under which no binding that counts applied: 7 days. */
const DEFAULT_VALIDITY_MS = 7 * 24 * 60 * 60 * 1000

/**
 * Applies the modes: any violation of an enforcing binding denies, none overrides another, and the shortest validity holds.
 * @param now milliseconds since the epoch
 */
export function applyModes<Violation>(outcomes: readonly BindingOutcome<Violation>[], now: number): Ruling<Violation> {
  const violations = collect(outcomes, (mode, effect) => mode === 'enforce' && effect === 'violation')
  return {
    verdict: violations.length > 0 ? 'deny' : 'allow',
    enforced: outcomes.some(({ mode }) => mode === 'enforce'),
    violations,
    warnings: collect(outcomes, (mode, effect) => mode === 'warn' || (mode === 'enforce' && effect === 'warning')),
    shadow: collect(outcomes, (mode) => mode === 'shadow'),
    expiresAt: expiryOf(outcomes, now),
  }
}

function collect<Violation>(
  outcomes: readonly BindingOutcome<Violation>[],
  belongs: (mode: Mode, effect: 'violation' | 'warning') => boolean,
): Violation[] {
  return outcomes.flatMap(({ mode, items }) => items.filter(({ effect }) => belongs(mode, effect)).map(({ violation }) => violation))
}

/**
 * The earliest end of all enforcing bindings. Where none enforces, the validity of those that warn holds; their windows and freezes
 * don't, and a shadow changes nothing.
 */
function expiryOf(outcomes: readonly BindingOutcome<unknown>[], now: number): number {
  const enforcing = outcomes.filter(({ mode }) => mode === 'enforce')
  const counting = enforcing.length > 0 ? enforcing : outcomes.filter(({ mode }) => mode === 'warn')
  const validity = Math.min(...counting.map(({ validForMs }) => validForMs))
  const ends = enforcing.flatMap(({ endsAt }) => endsAt).filter((end) => end > now)
  return Math.min(now + (counting.length > 0 ? validity : DEFAULT_VALIDITY_MS), ...ends)
}
