import { selectsName } from '../decisions/applicable-bindings.ts'
import type { BindingPlans, PlannedBinding } from '../decisions/binding-plans.ts'
import type { CalendarBinding } from '../governance/calendar/calendars.ts'
import { rulesOfParameters } from '../governance/calendar/rules.ts'

/** The bindings whose packs ask for the calendar, with the windows and freezes of their parameters. */
export function calendarBindings(plans: Pick<BindingPlans, 'current'>) {
  const asking = async (): Promise<PlannedBinding[]> =>
    (await plans.current()).filter((plan) => 'manifest' in plan).filter(({ manifest }) => manifest.facts.includes('calendar'))
  const told = ({ binding, parameters }: PlannedBinding): CalendarBinding => ({ name: binding.name, rules: rulesOfParameters(parameters) })
  return {
    /** All of them. */
    all: async () => (await asking()).map((plan) => told(plan).rules),
    /** Those that enforce in an environment. */
    enforcing: async (environment: string) =>
      (await asking())
        .filter(({ binding }) => binding.mode === 'enforce' && selectsName(binding.environment, environment))
        .map((plan) => told(plan)),
  }
}
