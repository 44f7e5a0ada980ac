import type { FactsReader } from '../ports.ts'
import { calendarFact } from './calendar.ts'
import type { FactSources } from './fact.ts'
import { priorFact } from './prior.ts'

/** Where the facts come from that packs ask for besides evidence. */
export function factSources({ facts }: { facts: FactsReader }): FactSources {
  return {
    calendar: calendarFact,
    prior: (context) => priorFact(context, facts),
  }
}
