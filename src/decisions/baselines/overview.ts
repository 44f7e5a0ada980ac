import type { Digest } from '../../core/digest.ts'
import type { Page, PageRequest } from '../../core/page.ts'
import type { Access } from '../../core/principal.ts'
import type { RemainingDebt } from '../../core/telemetry.ts'
import { formatInstant } from '../../core/time.ts'
import { ownersIn } from '../../evidence/lane.ts'
import type { OwnershipCache } from '../../ownership/ownership-cache.ts'
import type { BaselineOrigin, BaselineRule } from '../../policy/baseline.ts'
import type { BindingPlans, PlannedBinding } from '../binding-plans.ts'
import type { BaselineHead, BaselineStore } from './ports.ts'

/** How far the old debt of one report in one repository is paid, under a binding that is in force. */
export interface ShownBaseline {
  binding: string
  pack: string
  kind: BaselineOrigin['kind']
  /** RFC 3339 UTC: what had been found by then is old. Null for another kind. */
  snapshot: string | null
  /** What was last deployed there is old. Null for another kind. */
  environment: string | null
  owner: string
  expires: string
  /** Or the globs that the submitter is confined to, where only these are known; null if the reports are nobody's. */
  repository: string | null
  lane: { class: string; tool: string; name: string | null }
  initial: number
  remaining: number
  setDigest: Digest
  createdAt: string
  updatedAt: string
}

export interface BaselineFilter {
  binding?: string
  repository?: string
  owner?: string
  /** Repository globs of the projects that it is about; letter case doesn't count in them. */
  owned?: readonly string[]
}

/** Tells how far old debt is paid. */
export class BaselineOverview {
  readonly #plans: Pick<BindingPlans, 'current'>
  readonly #store: BaselineStore
  readonly #ownership: Pick<OwnershipCache, 'current'>

  constructor(parts: { plans: Pick<BindingPlans, 'current'>; store: BaselineStore; ownership: Pick<OwnershipCache, 'current'> }) {
    this.#plans = parts.plans
    this.#store = parts.store
    this.#ownership = parts.ownership
  }

  /** What the asker's token may see, in the order in which it began. */
  async list(access: Access, { binding, owner, repository, owned }: BaselineFilter, page: PageRequest): Promise<Page<ShownBaseline>> {
    const inForce = await this.#inForce(
      ({ name, rule }) => (binding === undefined || name === binding) && (owner === undefined || rule.owner === owner),
    )
    const { repositories } = access.confinement
    const filter = {
      baselines: [...inForce.keys()],
      ...(repository !== undefined && { repository }),
      ...(owned && { owned }),
      ...(repositories && { visibleTo: repositories }),
    }
    const { items, next } = await this.#store.list(filter, page)
    return { items: items.flatMap((head) => shown(head, inForce.get(head.baseline))), next }
  }

  /** What remains under each binding that has a baseline, apart for each project. */
  async remaining(): Promise<RemainingDebt[]> {
    const inForce = await this.#inForce(() => true)
    const ownership = await this.#ownership.current()
    const counts = new Map([...inForce.keys()].map((id) => [id, new Map<string | null, number>()]))
    for (const { baseline, repository, remaining } of await this.#store.remaining([...inForce.keys()])) {
      const [only, ...others] = ownersIn(repository) ?? []
      const project = only === undefined || others.length > 0 ? null : ownership.ownerOf(only).project
      const ofBaseline = counts.get(baseline)
      ofBaseline?.set(project, (ofBaseline.get(project) ?? 0) + remaining)
    }
    return [...inForce].flatMap(([id, { binding }]) => {
      const byProject = [...(counts.get(id) ?? [])]
      return (byProject.length > 0 ? byProject : [[null, 0] as const]).map(([project, count]) => ({
        binding: binding.name,
        project,
        count,
      }))
    })
  }

  async #inForce(isWanted: (baseline: { name: string; rule: BaselineRule }) => boolean): Promise<Map<Digest, PlannedBinding>> {
    const plans = (await this.#plans.current()).filter((plan): plan is PlannedBinding => 'manifest' in plan)
    return new Map(
      plans.flatMap((plan) => {
        const { baseline, binding } = plan
        return baseline && isWanted({ name: binding.name, rule: baseline.rule }) ? [[baseline.id, plan] as const] : []
      }),
    )
  }
}

function shown(head: BaselineHead, plan: PlannedBinding | undefined): ShownBaseline[] {
  if (!plan?.baseline) return []
  const { binding, baseline } = plan
  const { origin } = baseline.rule
  const { repository, class: examined, tool, name } = head.lane
  return [
    {
      binding: binding.name,
      pack: binding.pack,
      kind: origin.kind,
      snapshot: origin.kind === 'snapshot' ? origin.at : null,
      environment: origin.kind === 'lastDeployed' ? origin.environment : null,
      owner: baseline.rule.owner,
      expires: formatInstant(baseline.rule.expiresAt),
      repository: repository === '' ? null : repository,
      lane: { class: examined, tool, name: name === '' ? null : name },
      initial: head.initial,
      remaining: head.remaining,
      setDigest: head.set,
      createdAt: head.createdAt,
      updatedAt: head.updatedAt,
    },
  ]
}
