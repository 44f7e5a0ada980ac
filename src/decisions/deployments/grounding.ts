import { MAX_CLOCK_SKEW_MS } from '../../core/clock.ts'
import { isSamePlace } from '../../core/place-name.ts'
import { parseInstant } from '../../core/time.ts'
import type { Decision, RecordedDecision } from '../decision.ts'
import { ROLLBACK_STAGE } from '../rollback/stage.ts'
import type { Ground } from './deployment.ts'

const ADMISSION_STAGE = 'admission'

type NewestDecision = Decision & Pick<RecordedDecision, 'voidedAt'>

/** Where a deployment happens, and when its start was received. */
export interface DeployedTo {
  environment: string
  repository: string | null
  target: string | null
  /** Milliseconds since the epoch. */
  receivedAt: number
  /** Stages whose allows ground a deployment to any environment. One that has the environment's own name does in any case. */
  releaseStages: readonly string[]
}

/**
 * What a deployment rests on.
 * @param newest the newest enforced decision per stage × environment × repository about the subject and the indexes that list it, newest first
 * @param named id of the decision that the reporter names: then no other counts
 */
export function groundOf(newest: readonly NewestDecision[], place: DeployedTo, named: string | undefined): Ground {
  const holding = newest.filter((decision) => holds(decision, place) && (named === undefined || decision.id === named))
  const denied = newest.some((decision) => denies(decision, place))
  const back = holding.find(({ stage }) => isSamePlace(stage, ROLLBACK_STAGE))
  // Without the broken glass it would have been a denial: it lets pass, and grounds nothing.
  const broken = newest.some((decision) => decision.breakGlass && isAbout(decision, place))
  const grounding = denied || broken ? undefined : holding.find(({ stage }) => isRelease(stage, place))
  // Who asked to go back last does go back, even where the subject's first allow still grounds it.
  const goesBack = back && (!grounding || newest.indexOf(back) < newest.indexOf(grounding))
  const allowing = goesBack ? back : (grounding ?? holding[0])
  return {
    decisionId: named ?? allowing?.id ?? null,
    groundedBy: grounding?.id ?? null,
    grounded: grounding !== undefined,
    bypass: allowing === undefined || (denied && !isSamePlace(allowing.stage, ROLLBACK_STAGE)),
  }
}

/** Whoever asks chooses the stage, and little may be bound to one that nobody thought of: an allow of such a stage lets nothing be relied on. */
function isRelease(stage: string, { environment, releaseStages }: DeployedTo): boolean {
  if (isSamePlace(stage, ROLLBACK_STAGE)) return false
  return isSamePlace(stage, environment) || releaseStages.some((name) => isSamePlace(name, stage))
}

/**
 * Asking again at a stage of another name doesn't make up for a denial, nor for an allow that was voided: without what it rested on, it would
 * have been one.
 */
function denies(decision: NewestDecision, place: DeployedTo): boolean {
  return (decision.verdict === 'deny' || decision.voidedAt !== null) && isAbout(decision, place)
}

/** An enforced decision about deploying there. What admission said isn't, nor what said that one may go back. */
function isAbout({ enforced, stage, environment, repository }: NewestDecision, place: DeployedTo): boolean {
  if (!enforced || environment !== place.environment || repository !== place.repository) return false
  return !isSamePlace(stage, ROLLBACK_STAGE) && !isSamePlace(stage, ADMISSION_STAGE)
}

/**
 * An enforced allow that still stands, for exactly this environment and repository (of a rollback: for this target), valid as the start was
 * received. What is recorded was decided before: where it is dated later, another replica's clock is ahead.
 */
function holds(
  { verdict, voidedAt, enforced, environment, repository, rollback, at, expiresAt }: NewestDecision,
  place: DeployedTo,
): boolean {
  const [from, until] = [parseInstant(at), parseInstant(expiresAt)]
  if (verdict !== 'allow' || voidedAt !== null || !enforced || from === undefined || until === undefined) return false
  if (environment !== place.environment || repository !== place.repository) return false
  if (rollback && !rollback.targets.includes(place.target)) return false
  return from <= place.receivedAt + MAX_CLOCK_SKEW_MS && place.receivedAt < until
}
