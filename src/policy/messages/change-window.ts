import type { PackResult } from '../result.ts'
import { textArg, type RuleMessage } from './words.ts'

/** Shortened to the second: what a person reads needs no fractions. */
function wholeSeconds(text: string): string {
  return text.replace(/\.\d+Z$/, 'Z')
}

function waitFor(result: PackResult): string {
  const opening = textArg(result, 'next_open')
  return opening === undefined
    ? 'No opening follows within a year: change the windows or freezes.'
    : `Ask again from ${wholeSeconds(opening)} on.`
}

const outsideWindow: RuleMessage = (result) => {
  const opening = textArg(result, 'next_open')
  return {
    message: `No change window is open${opening === undefined ? '' : `; the next one opens at ${wholeSeconds(opening)}`}.`,
    fix: waitFor(result),
  }
}

const frozen: RuleMessage = (result) => {
  const reason = textArg(result, 'reason')?.replace(/\.$/, '')
  return {
    message: `The freeze "${textArg(result, 'name') ?? ''}" is in force until ${wholeSeconds(textArg(result, 'until') ?? 'further notice')}${reason === undefined ? '' : `: ${reason}`}.`,
    fix: waitFor(result),
  }
}

/** The sentences of pack `change-window`. */
export const CHANGE_WINDOW_MESSAGES: Readonly<Record<string, RuleMessage>> = { outside_window: outsideWindow, frozen }
