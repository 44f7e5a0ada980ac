import { formatInstant } from '../../core/time.ts'
import { effectiveParameters } from '../../policy/effective-parameters.ts'
import type { InputPromotion } from '../../policy/input.ts'
import type { DeploymentHistory } from '../rollback/history.ts'
import { rollbackOptions } from '../rollback/candidates.ts'
import type { StandingParts } from '../rollback/standing.ts'
import type { Fact, FactContext } from './fact.ts'

const HOUR_MS = 3_600_000
/** What is told of one environment: more tells nothing new. */
const MOST = 100

/**
 * What a promotion is held against: where the subject soaked, what else of the repository is on its way here, and where going to it would be a step
 * back. An index's deployment was that of its platforms.
 */
export async function promotionFact(context: FactContext, parts: StandingParts): Promise<Fact> {
  const { question, view, plan } = context
  const { subject, environment, repository } = question
  const { history } = parts
  const indexes = view.facts.links.flatMap(({ kind, from, to }) => (kind === 'platform' && to === subject.id ? [from] : []))
  const subjects = [subject.id, ...indexes]
  const parameters = effectiveParameters(plan.parameters, environment)
  const hours = typeof parameters['inFlightHours'] === 'number' ? parameters['inFlightHours'] : 0
  const since = formatInstant(question.at - hours * HOUR_MS)
  const [soaked, inFlight, { candidates }] = await Promise.all([
    Promise.all(environmentsOf(parameters['soakHours']).map((name) => runsIn(name, subjects, repository, history))),
    history.inFlight({ environment, repository }, since, MOST),
    rollbackOptions(subjects, { environment, repository, target: undefined }, parts),
  ])
  const value: InputPromotion = {
    runs: soaked.flat(),
    in_flight: inFlight
      .filter((each) => !subjects.includes(each.subject))
      .map(({ deployment, target, since: started }) => ({ deployment, target, since: seconds(started) })),
    steps_back: candidates.map(({ deployment: { target }, replaces }) => ({ target, from: replaces.subject })),
  }
  return { value }
}

async function runsIn(
  environment: string,
  subjects: readonly string[],
  repository: string | null,
  history: DeploymentHistory,
): Promise<InputPromotion['runs']> {
  const runs = await history.runs(subjects, { environment, repository }, MOST)
  return runs.map(({ deployment, target, since, until }) => {
    return { environment, deployment, target, since: seconds(since), until: until === null ? null : seconds(until) }
  })
}

function environmentsOf(soak: unknown): string[] {
  return typeof soak === 'object' && soak !== null ? Object.keys(soak) : []
}

/** Whole ones, as the time of the decision is told. */
function seconds(text: string): number {
  return Math.floor(Date.parse(text) / 1000)
}
