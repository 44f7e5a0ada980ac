import { AppError } from '../core/app-error.ts'
import { formatInstant, parseInstant } from '../core/time.ts'
import type { ParametersErrorCode } from './parameters.ts'

/** Where the old debt of a baseline is taken from. */
export interface BaselineOrigin {
  kind: 'snapshot'
  /** RFC 3339 UTC: what the newest report received by then found is old debt. */
  at: string
}

/** The parameter `baseline` of a binding, other than `none`. */
export interface BaselineRule {
  origin: BaselineOrigin
  /** Name of a principal or team. */
  owner: string
  /** Milliseconds since the epoch; from then on it counts as none. */
  expiresAt: number
}

/** The baseline that resolved parameters ask for; null if none. */
export function readBaseline({ baseline }: Readonly<Record<string, unknown>>): BaselineRule | null {
  if (typeof baseline !== 'object' || baseline === null) return null
  const { snapshot, owner, expires } = baseline as { readonly [key: string]: unknown }
  const [at, expiresAt] = [parseInstant(snapshot), parseInstant(expires)]
  // The schema has seen to it that all are there.
  if (at === undefined || expiresAt === undefined || typeof owner !== 'string') return null
  return { origin: { kind: 'snapshot', at: formatInstant(at) }, owner, expiresAt }
}

/**
 * A snapshot of what is yet to come would forgive whatever is added until then.
 * @param now milliseconds since the epoch
 * @throws {AppError} `parameters_invalid`
 */
export function refuseFutureSnapshot(parameters: Readonly<Record<string, unknown>>, now: number): void {
  const origin = readBaseline(parameters)?.origin
  if (!origin || Date.parse(origin.at) <= now) return
  throw new AppError<ParametersErrorCode>('parameters_invalid', `The snapshot ${origin.at} lies in the future.`, {
    field: 'body.parameters/baseline/snapshot',
    remedy: `Write a time that has passed, ${formatInstant(now)} at the latest.`,
  })
}
