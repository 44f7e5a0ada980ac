import type { Severity } from '../core/severity.ts'

/**
 * One result of a shipped pack: structured, no sentences. `policy/messages` renders it.
 * A custom pack may return a string, or an object with `message`, in its place.
 */
export interface PackResult {
  /** Rule name without the pack: `max_severity`. */
  rule: string
  /** A warning never denies, whatever the binding's mode; with `none` nobody is told, and only `valid_until` counts. Default: violation. */
  effect?: 'violation' | 'warning' | 'none'
  severity?: Severity
  /** Numbers and names that the sentence needs. */
  args?: Readonly<Record<string, string | number | boolean | null | readonly string[]>>
  /** Findings that it rests on, as [index in input.evidence, index in its findings]. */
  findings?: readonly (readonly [number, number])[]
  /** Indexes into input.evidence; those of `findings` are implied. */
  evidence?: readonly number[]
  /** Names of what is missing. */
  missing?: readonly string[]
  /** People's approvals would put it right. */
  awaits?: 'approval'
  /** A sentence; custom packs only. */
  message?: string
  fix?: string
  /** Ids of controls, in the place of those that the rule's description names. */
  controls?: readonly string[]
  /** RFC 3339: when asking again makes sense. */
  next_open?: string | null
  /** Seconds since the epoch: an allow under the same binding must not outlast it. */
  valid_until?: number
}
