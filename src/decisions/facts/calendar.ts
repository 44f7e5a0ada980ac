import { calendarAt } from '../../governance/calendar.ts'
import type { InputCalendar } from '../../policy/input.ts'
import type { Fact, FactContext } from './fact.ts'

/** How the time of the decision stands to the windows and freezes that the parameters of a binding define. */
export function calendarFact({ plan, question }: FactContext): Fact {
  const calendar: InputCalendar = calendarAt(question.at, plan.parameters, question.environment)
  return { value: calendar, endsAt: [calendar.closes_at, calendar.next_freeze_at].flatMap((text) => (text ? [Date.parse(text)] : [])) }
}
