import { AppError } from '../core/app-error.ts'
import { durationMs } from '../core/duration.ts'

export type BreakGlassRuleErrorCode = 'break_glass_malformed'

/** For how long somebody who breaks the glass may pass against what a binding says. */
export interface BreakGlassRule {
  /** ISO 8601 duration. */
  maxDuration: string
}

const MIN_MS = 60_000
const MAX_MS = 7 * 24 * 60 * 60 * 1000

/** @throws {AppError} `break_glass_malformed` */
export function readBreakGlassRule({ maxDuration }: BreakGlassRule): BreakGlassRule {
  const ms = durationMs(maxDuration)
  if (ms !== undefined && ms >= MIN_MS && ms <= MAX_MS) return { maxDuration }
  throw new AppError<BreakGlassRuleErrorCode>('break_glass_malformed', 'The duration is not ISO 8601, or not within 1 minute and 7 days.', {
    field: 'body.breakGlass.maxDuration',
    remedy: 'Write it like PT4H, or leave breakGlass out: then nobody can pass against this binding.',
  })
}

/** Milliseconds; 0 for what can't be read, which permits nothing. */
export function breakGlassMs({ maxDuration }: BreakGlassRule): number {
  return durationMs(maxDuration) ?? 0
}
