import type { Weekday } from '../../core/time-window.ts'

/** Spans of a week, on the wall clock of a zone. */
export interface WeeklyTimes {
  /** IANA time zone. */
  zone: string
  weekdays: readonly Weekday[]
  /** `HH:MM`. */
  from: string
  /** `HH:MM`, at most `24:00`; not after `from` means the day after. */
  to: string
}

/** Spans that recur as RFC 5545 says, on the wall clock of a zone. */
export interface RecurringTimes {
  /** IANA time zone. */
  zone: string
  /** `2026-12-01T09:00`, where the rule starts; without a rule, the one start besides `rdate`. */
  dtstart: string
  /** ISO 8601: days on the calendar and time on a stopwatch. Either this or `to`. */
  duration?: string
  /** `HH:MM` at which each occurrence ends, on the day after if it isn't later than its start. */
  to?: string
  /** RRULE. */
  rrule?: string
  rdate?: readonly string[]
  /** Starts, or days, on which none counts. */
  exdate?: readonly string[]
}

/** One span. */
export interface FixedTimes {
  /** RFC 3339. */
  from: string
  until: string
}

/** The events of an iCalendar file. */
export interface IcsTimes {
  ics: string
  /** Whose days its all-day events are; without it the file may have none. */
  zone?: string
}

/** What windows and freezes have in common. */
export interface CalendarItem {
  name: string
  /** Shown to whom it concerns. */
  reason: string | null
  /** Environments that it concerns, in any letter case; null for all of them. */
  environments: readonly string[] | null
  /** Counts its changes, from 1. */
  revision: number
  /** RFC 3339 UTC. */
  updatedAt: string
  updatedBy: string
}

export type WindowTimes = WeeklyTimes | RecurringTimes
export type FreezeTimes = FixedTimes | WindowTimes | IcsTimes

/** A time in which changes may pass. */
export type StoredWindow = CalendarItem & WindowTimes

/** A time in which they may not. */
export type StoredFreeze = CalendarItem & FreezeTimes & FreezeExceptions

export interface FreezeExceptions {
  /** Who may pass all the same: whoever meets any of them. */
  except: readonly FreezeException[]
}

/** What all has to be proven of whoever asks; what is only declared never counts. */
export interface FreezeException {
  /** Groups of principals: the asker is in one of them. */
  groups?: readonly string[]
  /** Repository globs. */
  repositories?: readonly string[]
  /** Exact values of the context. */
  context?: Readonly<Record<string, string>>
  /** The same with `*` for any run of characters without a slash, and `**` for any run. */
  contextPatterns?: Readonly<Record<string, string>>
}
