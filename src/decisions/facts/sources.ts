import type { FactsReader } from '../ports.ts'
import type { StandingParts } from '../rollback/standing.ts'
import { calendarFact } from './calendar.ts'
import type { FactSources } from './fact.ts'
import { priorFact } from './prior.ts'
import { rollbackFact } from './rollback.ts'

/** Where the facts come from that packs ask for besides evidence. */
export function factSources({ facts, ...standing }: { facts: FactsReader } & StandingParts): FactSources {
  return {
    calendar: calendarFact,
    prior: (context) => priorFact(context, facts),
    rollback: (context) => rollbackFact(context, standing),
  }
}
