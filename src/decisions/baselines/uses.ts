import type { Digest } from '../../core/digest.ts'
import { formatInstant } from '../../core/time.ts'
import type { PackResult } from '../../policy/result.ts'
import type { BaselineUse } from '../decision.ts'
import type { PreparedBinding } from '../prepare.ts'
import type { PackEvidence } from '../subject-view.ts'
import { emptySet, type BaselineSet } from './content.ts'
import { newestReceipt } from './held-debt.ts'
import type { BaselineMove, StoredSet } from './ports.ts'

/**
 * What a baseline did for a binding; undefined if none was in force.
 * @param needed whether the pack would have failed without it
 */
export function baselineUse({ plan, baseline, evidence }: PreparedBinding, needed: boolean): BaselineUse | undefined {
  if (!baseline || baseline.expired) return undefined
  const sets = baseline.debt.lanes.flatMap(({ set }) => set ?? [])
  return {
    binding: plan.binding.name,
    pack: plan.binding.pack,
    kind: baseline.rule.origin.kind,
    owner: baseline.rule.owner,
    expires: formatInstant(baseline.rule.expiresAt),
    matched: excusedIn(evidence),
    remaining: baseline.debt.lanes.reduce((sum, { set }, at) => sum + (evidence.left[at]?.count ?? set?.count ?? 0), 0),
    needed,
    setDigests: [...new Set(sets.map(({ digest }) => digest))].sort(),
  }
}

/** How many findings, failing tests or measures were old debt. */
export function excusedIn({ composed }: PackEvidence): number {
  return composed.excused.reduce((sum, count) => sum + count, 0)
}

/** What a decision says of a baseline that doesn't help: one that expired, and reports that have no history. */
export function baselineWarnings({ baseline, evidence }: PreparedBinding): PackResult[] {
  if (!baseline) return []
  const { owner, expiresAt, origin } = baseline.rule
  if (baseline.expired) return [{ rule: 'baseline_expired', effect: 'warning', args: { owner, expires: Math.floor(expiresAt / 1000) } }]
  const by = origin.kind === 'snapshot' ? { by: origin.at } : { environment: origin.environment }
  const young = new Set(baseline.debt.lanes.filter(({ set }) => !set).flatMap(({ items }) => items))
  const indexes = evidence.selection.counted.flatMap((item, at) => (young.has(item) && hasDebt(evidence, at) ? [at] : []))
  if (indexes.length === 0) return []
  const reports = indexes.flatMap((at) => evidence.selection.counted[at] ?? [])
  const names = reports.map(({ evidence: { format, name } }) => (name === null ? format : `${format} "${name}"`))
  return [{ rule: 'no_baseline', effect: 'warning', args: { ...by, reports: [...new Set(names)] }, evidence: indexes }]
}

/** A report in which nothing was found needs no history. */
function hasDebt({ composed }: PackEvidence, at: number): boolean {
  const input = composed.input[at]
  if (!input) return false
  const { findings, tests, coverage } = input
  const uncovered = coverage && Object.values(coverage).some((percent) => percent !== null && percent < 100)
  return findings.length > 0 || (tests?.failed ?? 0) + (tests?.errored ?? 0) > 0 || uncovered === true
}

/**
 * What a decision that is recorded does to the heads of a binding's baseline.
 * @param allowed whether the decision is an enforced allow
 * @param isStored whether the store has a set already
 */
export function baselineMoves(
  { plan, baseline, evidence }: PreparedBinding,
  allowed: boolean,
  isStored: (digest: Digest) => boolean,
): BaselineMove[] {
  if (!baseline) return []
  const store = ({ digest, text, count }: BaselineSet): StoredSet => ({ digest, text: isStored(digest) ? null : text, count })
  return baseline.debt.lanes.flatMap((lane, at): BaselineMove[] => {
    const hasHead = plan.binding.mode === 'enforce'
    // Without history only the beginning is kept, if anything: what is deployed later without being judged is no history.
    if (!lane.set && (!hasHead || baseline.rule.origin.kind === 'snapshot')) return []
    const [left, received] = [evidence.left[at], newestReceipt(lane)]
    return [
      {
        baseline: baseline.id,
        lane: lane.lane,
        laneDigest: lane.digest,
        set: store(lane.set ?? emptySet(lane.lane.class)),
        hasHead,
        history: lane.history,
        left: allowed && left && received !== undefined ? { ...store(left), received } : null,
      },
    ]
  })
}
