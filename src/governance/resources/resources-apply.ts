import type { ChangeEffect, ChangeKind, ChangePlan } from '../../core/change-kind.ts'
import { canonicalDigest } from '../../core/canonical-json.ts'
import { entryHeader } from '../../core/entry-header.ts'
import type { Cause, EntryDraft, JsonValue } from '../../core/log-entry.ts'
import { planResources, type ApplyRequest, type PlanParts, type WorkedPlan } from './plan.ts'
import { resourceKey } from './resource.ts'

/** What is to hold, and upon what that was planned. */
export interface ResourcesApplyRequest extends ApplyRequest {
  bases: WorkedPlan['bases']
}

export type ResourcesApply = ChangeKind<ResourcesApplyRequest, true>

/** What the store is to do, all of it or nothing. */
export interface ApplyEffect extends Pick<WorkedPlan, 'bases' | 'effects' | 'held' | 'dropped'> {
  set: string
  commit: string | null
  entry: EntryDraft
  record: object
}

/** Makes everything as the documents of a set say. Planning it throws what `planResources` throws. */
export function resourcesApply(parts: PlanParts): ResourcesApply {
  return {
    scope: 'bindings:write',
    target: ({ set }) => resourcesTarget(set),
    async plan(access, { bases, ...request }, meta): Promise<ChangePlan> {
      const plan = await planResources(access, request, meta, parts)
      const record = appliedRecord(request, plan)
      const args: ApplyEffect = {
        // Those that were looked at as it was asked for: whoever approves it approves the same.
        ...{ set: request.set, commit: request.commit, bases, held: plan.held, dropped: plan.dropped },
        effects: plan.effects.map((effect) => ofCommit(effect, request.commit)),
        entry: appliedEntry(request, plan, meta.cause),
        record,
      }
      return {
        summary: summaryOf(request, plan),
        before: sidesOf(plan, 'before'),
        after: sidesOf(plan, 'after'),
        guarded: plan.guard,
        effect: { operation: 'applyResources', args },
      }
    },
    resultOf: () => true,
  }
}

/** What applying a set is a change of. */
export function resourcesTarget(set: string): string {
  return `resources/${set}`
}

/** The record that the entry about an apply speaks for. */
function appliedRecord({ set, commit }: ApplyRequest, { changes, held, dropped }: WorkedPlan): object {
  return {
    ...{ set, commit, changes: changes.map(({ action, kind, name }) => ({ action, kind, name })) },
    ...{ held: held.map(resourceKey), dropped: dropped.map(resourceKey) },
  }
}

function appliedEntry(request: ApplyRequest, plan: WorkedPlan, cause: Cause): EntryDraft {
  const digest = canonicalDigest(appliedRecord(request, plan))
  const count = (action: string): number => plan.changes.filter((change) => change.action === action).length
  const counts = { created: count('create'), updated: count('update'), deleted: count('delete') }
  return {
    ...entryHeader('resources.applied', cause),
    body: { digest, set: request.set, commit: request.commit, ...counts },
    detail: { changes: plan.changes.map(resourceKey) },
  }
}

/** The entry of every change names the commit that it came from. */
function ofCommit({ operation, args }: ChangeEffect, commit: string | null): ChangeEffect {
  if (!('entry' in args)) throw new TypeError(`${operation} writes no entry`)
  const entry = args.entry as EntryDraft
  return { operation, args: { ...args, entry: { ...entry, body: { ...entry.body, commit } } } }
}

function summaryOf({ set, commit }: ApplyRequest, { changes }: WorkedPlan): string {
  const count = changes.length === 1 ? '1 change' : `${changes.length} changes`
  return `Apply ${count} of the set "${set}"${commit === null ? '' : `, commit ${commit}`}.`
}

function sidesOf({ changes }: WorkedPlan, side: 'before' | 'after'): JsonValue {
  return Object.fromEntries(changes.map((change) => [resourceKey(change), change[side]]))
}
