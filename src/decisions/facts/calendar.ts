import type { CalendarCache } from '../../governance/calendar/calendar-cache.ts'
import { calendarAt } from '../../governance/calendar/calendar.ts'
import type { ProvenFacts } from '../../governance/calendar/exceptions.ts'
import { joinedRules, rulesOfParameters } from '../../governance/calendar/rules.ts'
import type { InputCalendar } from '../../policy/input.ts'
import type { Question } from '../question.ts'
import type { Fact, FactContext } from './fact.ts'

/**
 * How the time of the decision stands to the windows and freezes of its environment: the stored ones, and those that the parameters of the
 * binding define.
 */
export async function calendarFact({ access, plan, question }: FactContext, calendars: Pick<CalendarCache, 'current'>): Promise<Fact> {
  const { rules } = await calendars.current()
  const all = joinedRules(rules, rulesOfParameters(plan.parameters))
  const proven = provenFacts(access.principal.groups, question)
  const calendar: InputCalendar = calendarAt(question.at, question.environment, all, proven)
  return { value: calendar, endsAt: [calendar.closes_at, calendar.next_freeze_at].flatMap((text) => (text ? [Date.parse(text)] : [])) }
}

/** What counts for the exceptions of freezes: nothing that was only declared. */
export function provenFacts(groups: readonly string[], { verified, repository, context }: Question): ProvenFacts {
  const known = verified.flatMap((key) => {
    const value = context[key]
    return key !== 'repository' && typeof value === 'string' ? [[key, value] as const] : []
  })
  return { groups, repository: verified.includes('repository') ? repository : null, context: Object.fromEntries(known) }
}
