import type { CalendarCache } from '../../governance/calendar/calendar-cache.ts'
import type { FactsReader } from '../ports.ts'
import { approvalsFact, type ApprovalFactParts } from './approvals.ts'
import type { StandingParts } from '../rollback/standing.ts'
import { calendarFact } from './calendar.ts'
import type { FactSources } from './fact.ts'
import { priorFact } from './prior.ts'
import { promotionFact } from './promotion.ts'
import { rollbackFact } from './rollback.ts'

export interface FactParts extends StandingParts, ApprovalFactParts {
  facts: FactsReader
  calendar: Pick<CalendarCache, 'current'>
}

/** Where the facts come from that packs ask for besides evidence. */
export function factSources({ facts, calendar, ...parts }: FactParts): FactSources {
  return {
    calendar: (context) => calendarFact(context, calendar),
    prior: (context) => priorFact(context, facts),
    rollback: (context) => rollbackFact(context, parts),
    promotion: (context) => promotionFact(context, parts),
    approvals: (context) => approvalsFact(context, { ...parts, facts }),
  }
}
