import type { Clock } from '../../core/clock.ts'
import type { Access } from '../../core/principal.ts'
import { formatInstant } from '../../core/time.ts'
import type { Change } from '../changes/change.ts'
import type { ChangeOutcome } from '../changes/changes.ts'
import { planResources, type ApplyRequest, type PlanParts, type ResourcePlan, type WorkedPlan } from './plan.ts'
import { API_VERSION, RESOURCE_KINDS, resourceKey, type ResourceDocument, type ResourceKindName } from './resource.ts'
import type { ResourcesApplyRequest } from './resources-apply.ts'

export interface ResourcesParts extends PlanParts {
  clock: Clock
  /** Carries it out, or lets it wait for a second person. */
  submit: (access: Access, request: ResourcesApplyRequest, requestId: string) => Promise<ChangeOutcome<true>>
}

/** A document of what there is, and by which set it was applied. */
export interface ShownResource extends ResourceDocument {
  /** Null for what no set applied. */
  set: string | null
  commit: string | null
  /** It was changed otherwise since. */
  drifted: boolean
  updatedAt: string
  updatedBy: string
}

/** What applying came to, or would come to. */
export interface ApplyReport extends ResourcePlan {
  set: string
  commit: string | null
  /** False for a dry run, and where nothing had to change. */
  applied: boolean
}

/** Policy as code: documents of what is to hold. */
export class Resources {
  readonly #parts: ResourcesParts

  constructor(parts: ResourcesParts) {
    this.#parts = parts
  }

  /** Documents of all that the scopes of the asker let it change, by kind and name. */
  async list(access: Access, kind?: ResourceKindName): Promise<ShownResource[]> {
    const { kinds, applied: store } = this.#parts
    const applied = new Map((await store.all()).map((row) => [resourceKey(row), row]))
    const wanted = RESOURCE_KINDS.filter((each) => (kind === undefined || each === kind) && access.scopes.has(kinds[each].scope)).toSorted()
    const shown: ShownResource[] = []
    for (const each of wanted) {
      const known = await kinds[each].all()
      const targets: string[] = []
      for (const { name } of known) targets.push(await kinds[each].remove.target({ name }))
      const revisions = await store.revisions(targets)
      for (const [at, { name, spec, updatedAt, updatedBy }] of known.entries()) {
        const row = applied.get(resourceKey({ kind: each, name }))
        const drifted = row !== undefined && row.revision !== (revisions.get(targets[at] ?? '') ?? 0)
        const origin = { set: row?.set ?? null, commit: row?.commit ?? null, drifted }
        shown.push({ apiVersion: API_VERSION, kind: each, name, spec, ...origin, updatedAt, updatedBy })
      }
    }
    return shown
  }

  /** Says what applying would change, and changes nothing. @throws {AppError} what `planResources` throws */
  async preview(access: Access, request: ApplyRequest, requestId: string): Promise<ApplyReport> {
    return report(request, await this.#plan(access, request, requestId), false)
  }

  /**
   * Makes everything as the documents say: all of it, or nothing.
   * @throws {AppError} what `planResources` throws, or `change_outdated` if something else changes meanwhile
   */
  async apply(access: Access, request: ApplyRequest, requestId: string): Promise<{ report: ApplyReport } | { pending: Change }> {
    const plan = await this.#plan(access, request, requestId)
    if (plan.effects.length + plan.held.length + plan.dropped.length === 0) return { report: report(request, plan, false) }
    const outcome = await this.#parts.submit(access, { ...request, bases: plan.bases }, requestId)
    return 'pending' in outcome ? outcome : { report: report(request, plan, plan.changes.length > 0) }
  }

  #plan(access: Access, request: ApplyRequest, requestId: string): Promise<WorkedPlan> {
    const cause = { actor: access.principal.id, at: formatInstant(this.#parts.clock.now()), requestId }
    return planResources(access, request, { by: access.principal, cause }, this.#parts)
  }
}

function report({ set, commit }: ApplyRequest, { changes, unchanged, left }: WorkedPlan, applied: boolean): ApplyReport {
  return { set, commit, applied, changes, unchanged, left }
}
