import { differingParts, type ChangeKind } from '../../core/change-kind.ts'
import { canonicalDigest } from '../../core/canonical-json.ts'
import type { Clock } from '../../core/clock.ts'
import type { CalendarCache } from './calendar-cache.ts'
import { calendarChangedEntry, calendarRemovedEntry } from './entries.ts'
import { notFound, type CalendarKind } from './errors.ts'
import { isLoosened } from './loosening.ts'
import type { StoredFreeze, StoredWindow } from './model.ts'
import { readFreeze, readWindow, type FreezeDraft, type WindowDraft } from './read-item.ts'
import type { NewFreeze, NewWindow } from './records.ts'
import { freezeRule, windowRule, type CalendarRules } from './rules.ts'
import { calendarTarget } from './targets.ts'

export type WindowPut = ChangeKind<{ name: string; draft: WindowDraft }, { item: StoredWindow; created: boolean }>
export type FreezePut = ChangeKind<{ name: string; draft: FreezeDraft }, { item: StoredFreeze; created: boolean }>
export type CalendarRemoval = ChangeKind<{ name: string }, boolean>

export interface CalendarChangeParts {
  calendar: Pick<CalendarCache, 'read'>
  /** What parameters of bindings define beside it. */
  beside: () => Promise<readonly CalendarRules[]>
  clock: Clock
}

/** Creates or replaces a window. Planning it throws `window_invalid`. */
export function windowPut(parts: CalendarChangeParts): WindowPut {
  return {
    scope: 'windows:write',
    target: ({ name }) => calendarTarget('window', name),
    async plan(_access, { name, draft }, { by, cause }) {
      const now = parts.clock.now()
      const window: NewWindow = { ...readWindow(name, draft, now), updatedAt: cause.at, updatedBy: by.name }
      const { items, rules } = await parts.calendar.read()
      const known = items.windows.find((each) => each.name === name)
      const after = { ...rules, windows: [...others(rules.windows, name), windowRule({ ...window, revision: 0 })] }
      return {
        summary: `${known ? 'Change' : 'Add'} the change window "${name}".`,
        ...differingParts(known && settingsOf(known), settingsOf(window)),
        guarded: isLoosened(rules, after, await parts.beside(), now) && 'loosening',
        effect: {
          operation: 'putCalendarItem',
          args: { kind: 'window', item: window, entry: calendarChangedEntry('window', window, cause) },
        },
      }
    },
    resultOf: (outcome) => outcome as { item: StoredWindow; created: boolean },
  }
}

/** Creates or replaces a freeze. Planning it throws `freeze_invalid`. */
export function freezePut(parts: CalendarChangeParts): FreezePut {
  return {
    scope: 'windows:write',
    target: ({ name }) => calendarTarget('freeze', name),
    async plan(_access, { name, draft }, { by, cause }) {
      const now = parts.clock.now()
      const freeze: NewFreeze = { ...readFreeze(name, draft, now), updatedAt: cause.at, updatedBy: by.name }
      const { items, rules } = await parts.calendar.read()
      const known = items.freezes.find((each) => each.name === name)
      const after = { ...rules, freezes: [...others(rules.freezes, name), freezeRule({ ...freeze, revision: 0 })] }
      return {
        summary: `${known ? 'Change' : 'Add'} the freeze "${name}".`,
        ...differingParts(known && settingsOf(known), settingsOf(freeze)),
        guarded: isLoosened(rules, after, await parts.beside(), now) && 'loosening',
        effect: {
          operation: 'putCalendarItem',
          args: { kind: 'freeze', item: freeze, entry: calendarChangedEntry('freeze', freeze, cause) },
        },
      }
    },
    resultOf: (outcome) => outcome as { item: StoredFreeze; created: boolean },
  }
}

/** Removes a window or a freeze. Planning it throws `window_not_found` or `freeze_not_found`. */
export function calendarRemoval(kind: CalendarKind, parts: CalendarChangeParts): CalendarRemoval {
  return {
    scope: 'windows:write',
    target: ({ name }) => calendarTarget(kind, name),
    async plan(_access, { name }, { by, cause }) {
      const { items, rules } = await parts.calendar.read()
      const known = items[`${kind}s`].find((each) => each.name === name)
      if (!known) throw notFound(kind, name)
      const after = { ...rules, [`${kind}s`]: others(rules[`${kind}s`], name) }
      return {
        summary: `Remove the ${kind === 'window' ? 'change window' : 'freeze'} "${name}".`,
        ...differingParts(settingsOf(known), undefined),
        guarded: isLoosened(rules, after, await parts.beside(), parts.clock.now()) && 'loosening',
        effect: { operation: 'removeCalendarItem', args: { kind, name, entry: calendarRemovedEntry(kind, name, by.name, cause) } },
      }
    },
    resultOf: (outcome) => outcome === true,
  }
}

/** A window or freeze as it is to be; without a draft it is removed. */
export type CalendarDraft =
  { kind: 'window'; name: string; draft: WindowDraft | undefined } | { kind: 'freeze'; name: string; draft: FreezeDraft | undefined }

/**
 * True if changes together let pass what was denied before, as when the last two windows go, of which each alone could.
 * @throws {AppError} `window_invalid` or `freeze_invalid`
 */
export async function areJointlyLoosening(
  changes: readonly CalendarDraft[],
  { calendar, beside, clock }: CalendarChangeParts,
): Promise<boolean> {
  if (changes.length === 0) return false
  const now = clock.now()
  const { rules } = await calendar.read()
  const kept = { revision: 0, updatedAt: '', updatedBy: '' }
  const after = changes.reduce<CalendarRules>((so, { kind, name, draft }) => {
    if (kind === 'window') {
      const fresh = draft ? [windowRule({ ...readWindow(name, draft, now), ...kept })] : []
      return { ...so, windows: [...others(so.windows, name), ...fresh] }
    }
    const fresh = draft ? [freezeRule({ ...readFreeze(name, draft, now), ...kept })] : []
    return { ...so, freezes: [...others(so.freezes, name), ...fresh] }
  }, rules)
  return isLoosened(rules, after, await beside(), now)
}

function others<Item extends { name: string }>(items: readonly Item[], name: string): Item[] {
  return items.filter((item) => item.name !== name)
}

/** As people compare them: a file by its digest, since it may be long. */
function settingsOf(item: (NewWindow | NewFreeze) & { revision?: number }): object {
  const { updatedAt: _at, updatedBy: _by, revision: _revision, ...settings } = item
  return 'ics' in settings ? { ...settings, ics: canonicalDigest(settings.ics) } : settings
}
