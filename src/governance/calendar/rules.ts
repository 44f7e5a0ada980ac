import { weeklyTimetable, type WeeklyWindow } from '../../core/time-window.ts'
import type { FreezeExceptions, StoredFreeze, StoredWindow } from './model.ts'
import { constantSchedule, type Schedule } from './schedule.ts'
import { fixedSchedule, freezeSchedule, windowSchedule } from './schedules.ts'

/** A window, wherever it is written down. */
export interface CalendarWindow {
  name: string
  environments: readonly string[] | null
  schedule: Schedule
}

/** A freeze, wherever it is written down. */
export interface CalendarFreeze extends CalendarWindow, FreezeExceptions {
  reason: string | null
}

/** What together says when changes may pass. */
export interface CalendarRules {
  windows: readonly CalendarWindow[]
  freezes: readonly CalendarFreeze[]
}

export function windowRule(window: StoredWindow): CalendarWindow {
  return { name: window.name, environments: window.environments, schedule: windowSchedule(window.name, window) }
}

export function freezeRule(freeze: StoredFreeze): CalendarFreeze {
  const { name, environments, reason, except } = freeze
  return { name, environments, reason, except, schedule: freezeSchedule(name, freeze) }
}

/** Windows and freezes in the parameters of a pack that defines them, checked and filled in by its schema. */
export function rulesOfParameters(parameters: Readonly<Record<string, unknown>>): CalendarRules {
  const windows = (parameters['windows'] ?? []) as readonly (WeeklyWindow & { environments?: readonly string[] })[]
  const freezes = (parameters['freezes'] ?? []) as readonly ParameterFreeze[]
  return {
    windows: windows.map((window) => {
      return { name: window.name, environments: window.environments ?? null, schedule: constantSchedule(weeklyTimetable(window)) }
    }),
    freezes: freezes.map((freeze) => {
      const { name, environments = null, reason = null } = freeze
      return { name, environments, reason, except: [], schedule: fixedSchedule(freeze) }
    }),
  }
}

interface ParameterFreeze {
  name: string
  from: string
  until: string
  reason?: string | null
  environments?: readonly string[]
}

export function joinedRules(one: CalendarRules, other: CalendarRules): CalendarRules {
  return { windows: [...one.windows, ...other.windows], freezes: [...one.freezes, ...other.freezes] }
}
