import type { CalendarItems, CalendarStore } from './ports.ts'
import { freezeRule, windowRule, type CalendarRules } from './rules.ts'

/** What is stored, with what follows from it. */
export interface CurrentCalendar {
  items: CalendarItems
  rules: CalendarRules
}

/** Keeps in memory when changes may pass, for as long as no window and no freeze changes. */
export class CalendarCache {
  readonly #store: CalendarStore
  #revision = -1
  #calendar: Promise<CurrentCalendar> = Promise.resolve({ items: { windows: [], freezes: [] }, rules: { windows: [], freezes: [] } })

  constructor(store: CalendarStore) {
    this.#store = store
  }

  /** As of now: sees every committed change. */
  async current(): Promise<CurrentCalendar> {
    const revision = await this.#store.revision()
    if (revision !== this.#revision) {
      const calendar = this.#store.all().then(worked)
      this.#calendar = calendar
      this.#revision = revision
      calendar.catch(() => {
        if (this.#calendar === calendar) this.#revision = -1
      })
    }
    return this.#calendar
  }

  /** From the store, whatever is in memory: what a change is planned upon must not be older than the revision that it is held to. */
  async read(): Promise<CurrentCalendar> {
    return worked(await this.#store.all())
  }
}

function worked(items: CalendarItems): CurrentCalendar {
  return { items, rules: { windows: items.windows.map(windowRule), freezes: items.freezes.map(freezeRule) } }
}
