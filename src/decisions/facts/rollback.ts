import { isSamePlace } from '../../core/place-name.ts'
import type { InputRollback } from '../../policy/input.ts'
import { rollbackOptions, type Candidate } from '../rollback/candidates.ts'
import type { StandingParts } from '../rollback/standing.ts'
import { ROLLBACK_STAGE } from '../rollback/stage.ts'
import type { Fact, FactContext } from './fact.ts'

const DAY_MS = 24 * 60 * 60 * 1000

/**
 * What going back to the subject would be. Nothing at other stages, whose allows would ground what is deployed.
 * An index's deployment was that of its platforms; a platform's was only its own.
 */
export async function rollbackFact({ question, view, plan }: FactContext, parts: StandingParts): Promise<Fact> {
  if (!isSamePlace(question.stage, ROLLBACK_STAGE)) return { value: null }
  const { subject, environment, repository, context } = question
  const indexes = view.facts.links.flatMap(({ kind, from, to }) => (kind === 'platform' && to === subject.id ? [from] : []))
  const asked = context['target']
  const target = typeof asked === 'string' ? asked : undefined
  const { candidates, running, newer } = await rollbackOptions([subject.id, ...indexes], { environment, repository, target }, parts)
  const value: InputRollback = { candidates: candidates.map(inputCandidate), running, newer }
  const withinDays = plan.parameters['withinDays']
  const newest = Math.max(...value.candidates.map(({ finished }) => finished)) * 1000
  return typeof withinDays === 'number' && candidates.length > 0 ? { value, endsAt: [newest + withinDays * DAY_MS] } : { value }
}

function inputCandidate({ deployment, replaces }: Candidate): InputRollback['candidates'][number] {
  const { id, subject, target, receivedAt, succeededAt, groundedBy } = deployment
  return {
    ...{
      deployment: id,
      subject,
      target,
      started: seconds(receivedAt),
      finished: seconds(succeededAt ?? receivedAt),
      grounded_by: groundedBy,
    },
    replaces: { deployment: replaces.id, subject: replaces.subject, state: replaces.state },
  }
}

function seconds(text: string): number {
  return Date.parse(text) / 1000
}
