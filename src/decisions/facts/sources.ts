import type { FactsReader } from '../ports.ts'
import { approvalsFact, type ApprovalFactParts } from './approvals.ts'
import type { StandingParts } from '../rollback/standing.ts'
import { calendarFact } from './calendar.ts'
import type { FactSources } from './fact.ts'
import { priorFact } from './prior.ts'
import { rollbackFact } from './rollback.ts'

/** Where the facts come from that packs ask for besides evidence. */
export function factSources({ facts, ...parts }: ApprovalFactParts & { facts: FactsReader } & StandingParts): FactSources {
  return {
    calendar: calendarFact,
    prior: (context) => priorFact(context, facts),
    rollback: (context) => rollbackFact(context, parts),
    approvals: (context) => approvalsFact(context, { ...parts, facts }),
  }
}
