import type { Digest } from '../../core/digest.ts'
import type { AppliedBaseline } from '../baselines/baselines.ts'
import { readBaselineSet, type BaselineSet } from '../baselines/content.ts'
import { NO_DEBT, type HeldLane } from '../baselines/held-debt.ts'
import { laneDigest } from '../baselines/lanes.ts'
import type { BaselineStore } from '../baselines/ports.ts'
import type { PlannedBinding } from '../binding-plans.ts'
import type { Selection } from '../evidence-selection.ts'
import type { BindingReference, ReferenceForm } from '../reference-form.ts'
import { RecompositionError } from './obstacle.ts'

type Sets = Pick<BaselineStore, 'set'>

/**
 * The old debt that was held then.
 * @throws {RecompositionError} `baseline_missing`
 */
export async function recomposeBaseline(
  form: ReferenceForm,
  reference: BindingReference,
  plan: PlannedBinding,
  { counted }: Selection,
  sets: Sets,
): Promise<AppliedBaseline | null> {
  if (!plan.baseline || !reference.baseline) return null
  const { id, rule } = plan.baseline
  if (Date.parse(form.at) >= rule.expiresAt) return { id, rule, expired: true, debt: NO_DEBT }
  const lanes = await Promise.all(
    reference.baseline.lanes.map(async ({ set, items, ...lane }): Promise<HeldLane> => ({
      lane,
      digest: laneDigest(lane),
      items: items.flatMap((at) => counted[at] ?? []),
      set: set && (await readSet(set, sets)),
      history: { at: '', since: 0, replaces: false },
    })),
  )
  return { id, rule, expired: false, debt: { key: '', lanes } }
}

async function readSet(digest: Digest, sets: Sets): Promise<BaselineSet> {
  const text = await sets.set(digest)
  if (text === undefined) throw new RecompositionError('baseline_missing', `The set ${digest} of a baseline is not in the store.`)
  return readBaselineSet(text)
}
