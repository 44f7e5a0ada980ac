import { isAppError, AppError } from '../../core/app-error.ts'
import type { ChangeEffect, ChangeMeta, ChangePlan, Guard } from '../../core/change-kind.ts'
import type { JsonValue } from '../../core/log-entry.ts'
import type { Access } from '../../core/principal.ts'
import { repeated } from './errors.ts'
import type { AppliedResource, AppliedStore } from './ports.ts'
import {
  RESOURCE_KINDS,
  resourceKey,
  type KnownResource,
  type ResourceDocument,
  type ResourceKindName,
  type ResourceKinds,
} from './resource.ts'

/** What is to hold. */
export interface ApplyRequest {
  /** What belongs together, such as the directory that it lies in. */
  set: string
  /** Where the documents come from. */
  commit: string | null
  /** True removes what was applied with this set before and has no document any more. */
  prune: boolean
  resources: readonly ResourceDocument[]
}

/** What differs from what was applied last: somebody changed it otherwise. */
export interface Drift {
  /** The commit that was applied last, and when. */
  commit: string | null
  appliedAt: string
  /** Who changed it since, and when; null if it was removed. */
  changedBy: string | null
  changedAt: string | null
}

/** One thing that an apply would change. */
export interface PlannedChange {
  action: 'create' | 'update' | 'delete'
  kind: ResourceKindName
  name: string
  /** What becomes different, as it is; null if there is none yet. */
  before: JsonValue
  after: JsonValue
  /** Why it may take a second person. */
  guarded: Guard | false
  drift: Drift | null
}

export interface ResourcePlan {
  /** In the order in which they are carried out. */
  changes: PlannedChange[]
  /** Documents that say what is so already. */
  unchanged: number
  /** What was applied with this set before, has no document any more, and stays since nothing is pruned. */
  left: { kind: ResourceKindName; name: string }[]
}

/** A plan with all that carrying it out needs. */
export interface WorkedPlan extends ResourcePlan {
  guard: Guard | false
  /** What it was planned upon: carried out only while these hold. */
  bases: readonly (readonly [target: string, revision: number])[]
  effects: readonly ChangeEffect[]
  /** What then belongs to the set, and what no longer does. */
  held: readonly { kind: ResourceKindName; name: string; target: string }[]
  dropped: readonly { kind: ResourceKindName; name: string }[]
}

export interface PlanParts {
  kinds: ResourceKinds
  applied: AppliedStore
  /** True if some changes together let pass what was denied before, which none of them may do alone. */
  jointlyLoosening: (changes: readonly JointChange[]) => Promise<boolean>
}

/** A change as far as it matters beside others; without a draft it is removed. */
export interface JointChange {
  kind: ResourceKindName
  name: string
  draft: object | undefined
}

interface Item {
  kind: ResourceKindName
  name: string
  target: string
  /** Undefined if it is to be removed. */
  document: { draft: object; at: number } | undefined
}

/**
 * Works out what applying documents changes. Each change is planned as its own operation would plan it.
 * @throws {AppError} `resource_repeated`, `scope_missing`, or what is wrong with a document
 */
export async function planResources(access: Access, request: ApplyRequest, meta: ChangeMeta, parts: PlanParts): Promise<WorkedPlan> {
  const applied = new Map((await parts.applied.all()).map((row) => [resourceKey(row), row]))
  const known = await knownOf(parts.kinds)
  const wanted = await wantedItems(request, parts.kinds)
  const absent = [...applied.values()].filter(
    (row) => row.set === request.set && !wanted.some((item) => resourceKey(item) === resourceKey(row)),
  )
  const gone = absent.filter((row) => !known.has(resourceKey(row)))
  const leaving = absent.filter((row) => known.has(resourceKey(row)))
  const removals = request.prune ? await itemsOf(leaving, parts.kinds) : []
  // Before anything is planned: whatever changes in between is then noticed.
  const items = [...removals, ...wanted]
  const revisions = await parts.applied.revisions(items.map(({ target }) => target))
  const planned: { item: Item; plan: ChangePlan }[] = []
  for (const item of items) planned.push({ item, plan: await planItem(access, item, meta, parts.kinds) })
  const changing = planned.filter(({ plan }) => !isEmpty(plan))
  const joint = await parts.jointlyLoosening(changing.map(({ item: { kind, name, document } }) => ({ kind, name, draft: document?.draft })))
  const holds = (item: Item): boolean => {
    const row = applied.get(resourceKey(item))
    return row?.set === request.set && row.revision === (revisions.get(item.target) ?? 0)
  }
  return {
    changes: changing.map(({ item, plan }) => {
      return {
        action: item.document === undefined ? 'delete' : known.has(resourceKey(item)) ? 'update' : 'create',
        ...{ kind: item.kind, name: item.name, before: plan.before, after: plan.after, guarded: plan.guarded },
        drift: driftOf(applied.get(resourceKey(item)), revisions.get(item.target) ?? 0, known.get(resourceKey(item))),
      }
    }),
    unchanged: planned.length - changing.length,
    left: request.prune ? [] : leaving.map(({ kind, name }) => ({ kind, name })),
    guard: guardOf(
      changing.map(({ plan }) => plan.guarded),
      joint,
    ),
    bases: items.map(({ target }) => [target, revisions.get(target) ?? 0] as const),
    effects: changing.map(({ plan }) => plan.effect),
    held: wanted
      .filter((item) => !holds(item) || changing.some((each) => each.item === item))
      .map(({ kind, name, target }) => ({ kind, name, target })),
    dropped: [...gone, ...removals].map(({ kind, name }) => ({ kind, name })),
  }
}

async function knownOf(kinds: ResourceKinds): Promise<Map<string, KnownResource>> {
  const known = new Map<string, KnownResource>()
  for (const kind of RESOURCE_KINDS) {
    for (const resource of await kinds[kind].all()) known.set(resourceKey({ kind, name: resource.name }), resource)
  }
  return known
}

/** In the order of the kinds. */
async function wantedItems({ resources }: ApplyRequest, kinds: ResourceKinds): Promise<Item[]> {
  const seen = new Set<string>()
  for (const [at, document] of resources.entries()) {
    if (seen.has(resourceKey(document))) throw repeated(document, at)
    seen.add(resourceKey(document))
  }
  const indexed = resources.map(({ kind, name, spec }, at) => ({ kind, name, document: { draft: spec, at } }))
  const ordered = RESOURCE_KINDS.flatMap((kind) => indexed.filter((each) => each.kind === kind))
  return Promise.all(
    ordered.map(async (each) => ({ ...each, target: await kinds[each.kind].put.target({ name: each.name, draft: each.document.draft }) })),
  )
}

/** What is to be removed, in the opposite order. */
async function itemsOf(rows: readonly AppliedResource[], kinds: ResourceKinds): Promise<Item[]> {
  const ordered = RESOURCE_KINDS.toReversed().flatMap((kind) => rows.filter((row) => row.kind === kind))
  return Promise.all(
    ordered.map(async ({ kind, name }) => ({ kind, name, target: await kinds[kind].remove.target({ name }), document: undefined })),
  )
}

async function planItem(access: Access, { kind, name, document }: Item, meta: ChangeMeta, kinds: ResourceKinds): Promise<ChangePlan> {
  const { scope, put, remove } = kinds[kind]
  if (!access.scopes.has(scope)) {
    throw new AppError('scope_missing', `To apply ${resourceKey({ kind, name })} needs the scope ${scope}.`, {
      field: 'header.Authorization',
      remedy: `Use a token that has ${scope} too, or leave this kind out.`,
    })
  }
  if (document === undefined) return remove.plan(access, { name }, meta)
  try {
    return await put.plan(access, { name, draft: document.draft }, meta)
  } catch (error) {
    throw isAppError(error) ? ofDocument(error, { kind, name }, document.at) : error
  }
}

/** Says which document it is about. */
function ofDocument(error: AppError, resource: { kind: string; name: string }, at: number): AppError {
  const place = error.field?.replace(/^(body\.?|path\.)/, '') ?? ''
  const within = place === 'name' ? '.name' : place === '' ? '' : `.spec.${place}`
  return new AppError(error.code, `${resourceKey(resource)}: ${error.message}`, {
    field: `body.resources.${at}${within}`,
    ...(error.remedy !== undefined && { remedy: error.remedy }),
    cause: error,
  })
}

/** Nothing becomes different. */
function isEmpty({ before, after }: ChangePlan): boolean {
  return before !== null && after !== null && Object.keys(before).length === 0 && Object.keys(after).length === 0
}

function driftOf(row: AppliedResource | undefined, revision: number, known: KnownResource | undefined): Drift | null {
  if (!row || row.revision === revision) return null
  return { commit: row.commit, appliedAt: row.at, changedBy: known?.updatedBy ?? null, changedAt: known?.updatedAt ?? null }
}

function guardOf(guards: readonly (Guard | false)[], jointlyLoosening: boolean): Guard | false {
  if (guards.includes('access')) return 'access'
  return jointlyLoosening || guards.includes('loosening') ? 'loosening' : false
}
