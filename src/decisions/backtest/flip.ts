import type { Decision, Verdict } from '../decision.ts'
import type { RuledDecision } from '../compose-decision.ts'

/** A recorded decision whose verdict would have been the other one. */
export interface Flip {
  decision: string
  logIndex: number
  /** RFC 3339 UTC: when it was decided. */
  at: string
  subject: string
  stage: string
  environment: string
  repository: string | null
  project: string | null
  /** The teams that owned it then. */
  teams: string[]
  from: Verdict
  to: Verdict
  /** The rules that deny: now, or, of what would be allowed, then. At most 20. */
  rules: string[]
}

const MOST_RULES = 20

/** The flip from the recorded decision to what would have been decided; undefined if the verdict stays. */
export function flipOf(recorded: Decision & { logIndex: number }, tried: RuledDecision): Flip | undefined {
  if (recorded.verdict === tried.verdict) return undefined
  const denying = recorded.verdict === 'deny' ? recorded.violations : tried.violations
  const { id, logIndex, at, subject, stage, environment, repository, project, owners } = recorded
  return {
    decision: id,
    ...{ logIndex, at, subject, stage, environment, repository, project },
    teams: [...new Set(owners.map(({ team }) => team))],
    from: recorded.verdict,
    to: tried.verdict,
    rules: [...new Set(denying.map(({ rule }) => rule))].sort().slice(0, MOST_RULES),
  }
}

/** Which flips of a backtest are listed. */
export interface FlipFilter {
  to?: Verdict
  rule?: string
  repository?: string
  /** A team that owned it then. */
  owner?: string
  environment?: string
}

export function fits(flip: Flip, { to, rule, repository, owner, environment }: FlipFilter): boolean {
  return (
    (to === undefined || flip.to === to) &&
    (rule === undefined || flip.rules.includes(rule)) &&
    (repository === undefined || flip.repository === repository) &&
    (owner === undefined || flip.teams.includes(owner)) &&
    (environment === undefined || flip.environment === environment)
  )
}
