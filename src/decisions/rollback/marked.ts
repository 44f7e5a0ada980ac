import { isSamePlace } from '../../core/place-name.ts'
import { formatInstant } from '../../core/time.ts'
import type { InputRollback } from '../../policy/input.ts'
import type { PreparedBinding } from '../prepare.ts'
import type { Question } from '../question.ts'
import { ROLLBACK_STAGE } from './stage.ts'

/** What a decision at stage `rollback` goes back to. */
export interface Rollback {
  /** Id of the grounded deployment that is gone back to. */
  deployment: string
  /** What was deployed then: the judged subject, or an index that lists it. */
  subject: string
  /** The targets of the environment in which it is a rollback: an allow holds for these only. */
  targets: (string | null)[]
  /** RFC 3339 UTC: receipts of its start and success. */
  startedAt: string
  finishedAt: string
  /** Id of the allow that grounded it. */
  groundedBy: string | null
  /** What was started last where it goes. */
  replaces: { deployment: string; subject: string; state: string }
}

/** The mark of a decision at stage `rollback`: the newest deployment that it may go back to; null if there is none. */
export function rollbackOf({ stage, at }: Question, prepared: readonly PreparedBinding[]): Rollback | null {
  if (!isSamePlace(stage, ROLLBACK_STAGE)) return null
  const told = prepared.find(({ facts }) => facts.rollback)
  if (!told) return null
  const within = told.plan.parameters['withinDays']
  const since = typeof within === 'number' ? at / 1000 - within * 86_400 : -Infinity
  const { candidates } = told.facts.rollback as InputRollback
  const usable = candidates.filter(({ finished }) => finished > since)
  const newest = usable[0]
  if (!newest) return null
  const { deployment, subject, started, finished, grounded_by: groundedBy, replaces } = newest
  const [startedAt, finishedAt] = [formatInstant(Math.round(started * 1000)), formatInstant(Math.round(finished * 1000))]
  return { deployment, subject, targets: usable.map(({ target }) => target), startedAt, finishedAt, groundedBy, replaces }
}
