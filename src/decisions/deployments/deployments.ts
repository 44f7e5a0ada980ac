import { AppError } from '../../core/app-error.ts'
import type { Clock } from '../../core/clock.ts'
import { newId } from '../../core/id.ts'
import type { IdempotencyClaim } from '../../core/idempotency.ts'
import type { Page, PageRequest } from '../../core/page.ts'
import type { Access } from '../../core/principal.ts'
import type { Telemetry } from '../../core/telemetry.ts'
import { formatInstant } from '../../core/time.ts'
import type { EvidenceStore } from '../../evidence/ports.ts'
import type { OwnershipCache } from '../../ownership/ownership-cache.ts'
import type { OwnershipMap } from '../../ownership/ownership-map.ts'
import { requireRepository } from '../confined-request.ts'
import type { Decision } from '../decision.ts'
import type { DecisionStore, FactsReader } from '../ports.ts'
import type { Deployment, DeploymentEnd, FinishReport, Ground, StartedDeployment, StartReport } from './deployment.ts'
import { finishedEntry, startedEntry } from './entries.ts'
import { groundOf, type DeployedTo } from './grounding.ts'
import type { DeploymentFilter, DeploymentStore } from './ports.ts'
import { readStart, type StartErrorCode } from './read-start.ts'

export type DeploymentErrorCode = StartErrorCode | 'decision_unknown' | 'deployment_finished'

export interface DeploymentsParts {
  store: DeploymentStore
  decisions: Pick<DecisionStore, 'find'>
  facts: Pick<FactsReader, 'newestDecisions'>
  evidence: Pick<EvidenceStore, 'links'>
  ownership: Pick<OwnershipCache, 'current'>
  releaseStages: readonly string[]
  clock: Clock
  telemetry: Telemetry
}

/** Keeps what was deployed where, and by which decision or none. What happened is recorded, allowed or not. */
export class Deployments {
  readonly #parts: DeploymentsParts

  constructor(parts: DeploymentsParts) {
    this.#parts = parts
  }

  /**
   * Records a start, and what it rests on as it was received.
   * @returns after the commit; `repeated` if an earlier request with the same idempotency key was answered again
   * @throws {AppError} for a malformed report, an unknown decision, and a report outside of the confinement
   */
  async start(
    access: Access,
    report: StartReport,
    meta: { requestId: string; idempotency: IdempotencyClaim | undefined },
  ): Promise<{ deployment: Deployment; repeated: boolean }> {
    const receivedAt = this.#parts.clock.now()
    const { subject, ...start } = readStart(access, report, receivedAt)
    const named = report.decisionId === undefined ? undefined : await this.#named(access, report.decisionId)
    const repository = start.repository ?? named?.repository ?? null
    if (repository === null) requireRepository(access)
    const place = { environment: start.environment, repository, target: start.target, receivedAt }
    const deployment: StartedDeployment = {
      id: newId(),
      subject: subject.id,
      subjectName: subject.kind === 'artifact' ? (subject.name ?? null) : null,
      ...start,
      repository,
      ...(await this.#ground(access, subject.id, place, named)),
      receivedAt: formatInstant(receivedAt),
      reportedBy: access.principal.name,
    }
    const entry = startedEntry(deployment, access, meta.requestId)
    const ownership = await this.#parts.ownership.current()
    const recorded = await this.#parts.store.start({ deployment, entry, idempotency: meta.idempotency })
    if (!recorded.repeated) this.#tell(recorded.deployment, ownership)
    return recorded
  }

  /**
   * Records how a deployment ended; the first report counts, and a repeat of the same changes nothing.
   * @returns undefined if there is none that the reporter may see
   * @throws {AppError} `deployment_finished` if it had ended otherwise
   */
  async finish(access: Access, id: string, report: FinishReport, requestId: string): Promise<Deployment | undefined> {
    const known = await this.find(access, id)
    if (!known) return undefined
    const end: DeploymentEnd = {
      deployment: id,
      outcome: report.outcome,
      reason: report.reason ?? null,
      finishedAt: formatInstant(this.#parts.clock.now()),
      finishedBy: access.principal.name,
    }
    const ownership = await this.#parts.ownership.current()
    const { deployment, recorded } = await this.#parts.store.finish({ end, entry: finishedEntry(end, known, access, requestId) })
    if (recorded) this.#tell(deployment, ownership)
    if (deployment.state !== report.outcome) throw finishedOtherwise(deployment)
    return deployment
  }

  /** A deployment, if the asker may see it. */
  find(access: Access, id: string): Promise<Deployment | undefined> {
    return this.#parts.store.find(id, access.confinement)
  }

  /** Deployments that the asker may see, newest start first. */
  list(access: Access, filter: Omit<DeploymentFilter, 'visibleTo'>, page: PageRequest): Promise<Page<Deployment>> {
    return this.#parts.store.list({ ...filter, visibleTo: access.confinement }, page)
  }

  async #named(access: Access, id: string): Promise<Decision> {
    const decision = await this.#parts.decisions.find(id, access.confinement)
    if (decision) return decision
    throw new AppError<DeploymentErrorCode>('decision_unknown', 'There is no such decision, or this token may not see it.', {
      field: 'body.decisionId',
      remedy: 'Give the id that POST /v1/decisions replied, or leave it out: the service then looks for the decision.',
    })
  }

  /** A token that is confined to stages can neither name nor find a decision of another one. */
  async #ground(access: Access, subject: string, place: Omit<DeployedTo, 'releaseStages'>, named: Decision | undefined): Promise<Ground> {
    const links = await this.#parts.evidence.links(subject)
    const indexes = links.flatMap(({ kind, from, to }) => (kind === 'platform' && to === subject ? [from] : []))
    const newest = await this.#parts.facts.newestDecisions([subject, ...indexes])
    const { stages } = access.confinement
    const visible = newest.filter(({ stage }) => stages?.includes(stage) ?? true)
    return groundOf(visible, { ...place, releaseStages: this.#parts.releaseStages }, named?.id)
  }

  #tell({ environment, repository, grounded, bypass, state }: Deployment, ownership: OwnershipMap): void {
    const { project } = ownership.ownerOf(repository)
    this.#parts.telemetry.deployed({ environment, grounded, bypass, state, project })
  }
}

function finishedOtherwise({ state, finishedAt }: Deployment): AppError<DeploymentErrorCode> {
  return new AppError('deployment_finished', `The deployment was reported as ${state} at ${finishedAt}.`, {
    field: 'body.outcome',
    remedy: 'The first report counts. Report what happened afterwards as a deployment of its own.',
  })
}
