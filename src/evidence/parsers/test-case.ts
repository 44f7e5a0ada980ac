export type Outcome = 'passed' | 'failed' | 'errored' | 'skipped'

/** What a report says of one run of one test case. */
export interface CaseResult {
  suite: string | null
  name: string
  outcome: Outcome
  /** It passed after attempts that failed, which the report lists with it. */
  flaky: boolean
  message: string | null
  /** How many earlier attempts of the same case it says to repeat. */
  repeats: number
}

/** Longest message of a case that is kept, in UTF-16 code units. */
export const MAX_MESSAGE = 2_000

/** Longest name of a case or suite that is kept. */
export const MAX_NAME = 1_024

/** A case with everything unstated that the caller does not state; it repeats no other. */
export function caseResult(stated: Pick<CaseResult, 'name' | 'outcome'> & Partial<CaseResult>): CaseResult {
  return { suite: null, flaky: false, message: null, repeats: 0, ...stated }
}

/** The first of the texts that has something in it, short enough for a list; null if none has. */
export function messageOf(...texts: readonly unknown[]): string | null {
  for (const text of texts) {
    if (typeof text === 'string' && text.trim() !== '') return bounded(text.trim(), MAX_MESSAGE)
  }
  return null
}

/** The text with more of it, as far as a message can show it: what an element holds comes in pieces, and may be long. */
export function appended(text: string, more: string): string {
  return text.length < 2 * MAX_MESSAGE ? text + more.slice(0, 2 * MAX_MESSAGE) : text
}

/** The name without that of its suite, which many runners put before it. */
export function nameWithin(suite: string | null, name: string): string {
  const prefix = `${suite ?? ''}.`
  return suite !== null && name.startsWith(prefix) && name.length > prefix.length ? name.slice(prefix.length) : name
}

/** How a case is called in lists of names. */
export function displayName({ suite, name }: Pick<CaseResult, 'suite' | 'name'>): string {
  return bounded(suite === null ? name : `${suite} › ${name}`, MAX_NAME)
}

/** At most so many characters, never half of a surrogate pair. */
export function bounded(text: string, length: number): string {
  if (text.length <= length) return text
  return text.slice(0, length).replace(/[\ud800-\udbff]$/, '')
}
