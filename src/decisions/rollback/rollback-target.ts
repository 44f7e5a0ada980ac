import { AppError } from '../../core/app-error.ts'
import type { Clock } from '../../core/clock.ts'
import type { Access } from '../../core/principal.ts'
import { matchesAnyRepository, onlyRepository } from '../../core/repository.ts'
import type { BlockCache } from '../../governance/blocks/block-cache.ts'
import type { OwnershipCache } from '../../ownership/ownership-cache.ts'
import { applicableBindings } from '../applicable-bindings.ts'
import type { BindingPlans } from '../binding-plans.ts'
import { readName, requireAmong, requireRepository, type RequestErrorCode } from '../confined-request.ts'
import type { Place, PlacedDeployment } from './history.ts'
import { ROLLBACK_STAGE } from './stage.ts'
import { standingOf, type StandingParts } from './standing.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const PACK = 'rollback'
/** Deployments that are looked through: nobody goes back further at once. */
const MOST_DEPLOYMENTS = 500

/** Why there is nothing to go back to. */
export type NoTarget = 'nothing_deployed' | 'nothing_older' | 'too_old' | 'no_binding' | 'blocked'

/** A deployment as far as it matters here. */
export interface ShownPlaced {
  deployment: string
  subject: string
  state: PlacedDeployment['state']
  /** RFC 3339 UTC: receipts of start and success. */
  startedAt: string
  succeededAt: string | null
  groundedBy: string | null
}

export interface RollbackTarget extends Place {
  /** How far back the binding of pack `rollback` lets go; null if none does. */
  withinDays: number | null
  /** What was started last. */
  replaces: ShownPlaced | null
  candidate: ShownPlaced | null
  reason: NoTarget | null
}

export interface RollbackTargetParts extends StandingParts {
  plans: Pick<BindingPlans, 'current'>
  blocks: Pick<BlockCache, 'current'>
  ownership: Pick<OwnershipCache, 'current'>
  clock: Clock
}

/** Names what a place could be rolled back to. What it names is no decision: what it is linked to may be blocked. */
export class RollbackTargets {
  readonly #parts: RollbackTargetParts

  constructor(parts: RollbackTargetParts) {
    this.#parts = parts
  }

  /**
   * The newest deployment to go back to, with another subject than what was started last.
   * @param asked without `target`: the target of the newest start
   * @throws {AppError} `name_malformed`, `outside_confinement` or `repository_missing`
   */
  async find(access: Access, asked: { environment: string; repository?: string; target?: string }): Promise<RollbackTarget> {
    const environment = readName(asked.environment, 'path.name')
    requireAmong(access.confinement.environments, environment, 'path.name', `environment "${environment}"`)
    const repository = readRepository(access, asked.repository)
    const { history } = this.#parts
    const target = asked.target ?? (await history.newestTarget({ environment, repository })) ?? null
    const place = { environment, repository, target }
    const withinDays = await this.#withinDays(access, environment)
    const standing = await standingOf(place, this.#parts)
    const found = { ...place, withinDays, replaces: standing ? shown(standing.newest) : null, candidate: null }
    if (!standing) return { ...found, reason: 'nothing_deployed' }
    const earlier = await history.groundedIn(place, standing.upTo, MOST_DEPLOYMENTS)
    const others = earlier.filter(({ subject }) => subject !== standing.newest.subject)
    if (others.length === 0) return { ...found, reason: 'nothing_older' }
    if (withinDays === null) return { ...found, reason: 'no_binding' }
    const now = this.#parts.clock.now()
    const blocks = await this.#parts.blocks.current()
    const candidate = others.find(({ subject }) => blocks.on([subject], now).length === 0)
    if (!candidate) return { ...found, reason: 'blocked' }
    const since = now - withinDays * DAY_MS
    if (Date.parse(candidate.succeededAt ?? candidate.receivedAt) <= since) return { ...found, reason: 'too_old' }
    return { ...found, candidate: shown(candidate), reason: null }
  }

  /** By the narrowest of the bindings that apply. */
  async #withinDays({ confinement }: Access, environment: string): Promise<number | null> {
    const plans = (await this.#parts.plans.current()).filter((plan) => 'manifest' in plan && plan.manifest.name === PACK)
    const bindings = plans.map(({ binding }) => binding)
    const ownership = await this.#parts.ownership.current()
    const repositoriesOf = (team: string): readonly string[] | undefined => ownership.repositoriesOf(team)
    const context = { stage: ROLLBACK_STAGE, environment, confinement, sources: [], repositoriesOf }
    const applicable = new Set(applicableBindings(bindings, context))
    const days = plans.flatMap((plan) => ('manifest' in plan && applicable.has(plan.binding) ? Number(plan.parameters['withinDays']) : []))
    return days.length === 0 ? null : Math.min(...days)
  }
}

function readRepository(access: Access, asked: string | undefined): string | null {
  const { repositories } = access.confinement
  const repository = asked ?? onlyRepository(repositories) ?? null
  if (repository === null) requireRepository(access, 'query.repository')
  else if (repositories && !matchesAnyRepository(repositories, repository)) {
    throw new AppError<RequestErrorCode>('outside_confinement', `This token may not speak about repository "${repository.slice(0, 80)}".`, {
      field: 'query.repository',
      remedy: `It is confined to: ${repositories.slice(0, 10).join(', ')}.`,
    })
  }
  return repository
}

function shown({ id, subject, state, receivedAt, succeededAt, groundedBy }: PlacedDeployment): ShownPlaced {
  return { deployment: id, subject, state, startedAt: receivedAt, succeededAt, groundedBy }
}
