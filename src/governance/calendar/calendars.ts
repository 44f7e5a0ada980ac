import { isSamePlace } from '../../core/place-name.ts'
import type { Access, Confinement } from '../../core/principal.ts'
import type { CalendarCache } from './calendar-cache.ts'
import { notFound } from './errors.ts'
import type { CalendarItem, StoredFreeze, StoredWindow } from './model.ts'
import { openingOf, type Opening } from './opening.ts'
import { joinedRules, type CalendarRules } from './rules.ts'

/** A binding whose pack asks for the calendar, with what its parameters add to it. */
export interface CalendarBinding {
  name: string
  rules: CalendarRules
}

export interface CalendarsParts {
  calendar: Pick<CalendarCache, 'current'>
  /** Those that enforce in an environment. */
  bindings: (environment: string) => Promise<readonly CalendarBinding[]>
}

/** Tells when changes may pass. A confined asker knows of what concerns its environments. */
export class Calendars {
  readonly #parts: CalendarsParts

  constructor(parts: CalendarsParts) {
    this.#parts = parts
  }

  /** Those that the asker may see, by name. */
  async windows({ confinement }: Access): Promise<StoredWindow[]> {
    const { items } = await this.#parts.calendar.current()
    return items.windows.filter((window) => maySee(window, confinement))
  }

  /** The same of freezes. */
  async freezes({ confinement }: Access): Promise<StoredFreeze[]> {
    const { items } = await this.#parts.calendar.current()
    return items.freezes.filter((freeze) => maySee(freeze, confinement))
  }

  /** @throws {AppError} `window_not_found`, also for one that the asker may not see */
  async window(access: Access, name: string): Promise<StoredWindow> {
    const window = (await this.windows(access)).find((each) => each.name === name)
    if (!window) throw notFound('window', name)
    return window
  }

  /** @throws {AppError} `freeze_not_found`, also for one that the asker may not see */
  async freeze(access: Access, name: string): Promise<StoredFreeze> {
    const freeze = (await this.freezes(access)).find((each) => each.name === name)
    if (!freeze) throw notFound('freeze', name)
    return freeze
  }

  /** How an environment stands at an instant (milliseconds since the epoch), for whoever meets no exception. */
  async opening(environment: string, at: number): Promise<Opening> {
    const [{ rules }, bindings] = await Promise.all([this.#parts.calendar.current(), this.#parts.bindings(environment)])
    const calendars = bindings.length === 0 ? [rules] : bindings.map((binding) => joinedRules(rules, binding.rules))
    return openingOf(
      environment,
      at,
      calendars,
      bindings.map(({ name }) => name),
    )
  }
}

function maySee({ environments }: CalendarItem, confinement: Confinement): boolean {
  if (!confinement.environments || environments === null) return true
  return environments.some((name) => confinement.environments?.some((own) => isSamePlace(own, name)))
}
