import { AppError } from '../core/app-error.ts'
import { canonicalDigest } from '../core/canonical-json.ts'
import type { Digest } from '../core/digest.ts'
import { formatInstant, parseInstant } from '../core/time.ts'
import type { ParametersErrorCode } from './parameters.ts'

/** Where the old debt of a baseline is taken from. */
export type BaselineOrigin =
  | {
      kind: 'snapshot'
      /** RFC 3339 UTC: what the newest report received by then found is old debt. */
      at: string
    }
  | {
      kind: 'lastDeployed'
      /** What was last deployed there, allowed and with success, is what it holds. */
      environment: string
    }

/** The parameter `baseline` of a binding, other than `none`. */
export interface BaselineRule {
  origin: BaselineOrigin
  /** Name of a principal or team. */
  owner: string
  /** Milliseconds since the epoch; from then on it counts as none. */
  expiresAt: number
}

/** Names the binding together with where its debt comes from, but neither owner nor expiry: another snapshot is another baseline. */
export function baselineId(binding: string, origin: BaselineOrigin): Digest {
  return canonicalDigest({ binding, ...origin })
}

/** The baseline that resolved parameters ask for; null if none. */
export function readBaseline({ baseline }: Readonly<Record<string, unknown>>): BaselineRule | null {
  if (typeof baseline !== 'object' || baseline === null) return null
  const { snapshot, lastDeployed, owner, expires } = baseline as { readonly [key: string]: unknown }
  const [origin, expiresAt] = [readOrigin(snapshot, lastDeployed), parseInstant(expires)]
  // The schema has seen to it that all are there.
  return origin && expiresAt !== undefined && typeof owner === 'string' ? { origin, owner, expiresAt } : null
}

function readOrigin(snapshot: unknown, lastDeployed: unknown): BaselineOrigin | undefined {
  const at = parseInstant(snapshot)
  if (at !== undefined) return { kind: 'snapshot', at: formatInstant(at) }
  const environment = (lastDeployed as { environment?: unknown } | undefined)?.environment
  return typeof environment === 'string' ? { kind: 'lastDeployed', environment } : undefined
}

/**
 * A snapshot of what is yet to come would forgive whatever is added until then.
 * @param now milliseconds since the epoch
 * @throws {AppError} `parameters_invalid`
 */
export function refuseFutureSnapshot(parameters: Readonly<Record<string, unknown>>, now: number): void {
  const origin = readBaseline(parameters)?.origin
  if (origin?.kind !== 'snapshot' || Date.parse(origin.at) <= now) return
  throw new AppError<ParametersErrorCode>('parameters_invalid', `The snapshot ${origin.at} lies in the future.`, {
    field: 'body.parameters/baseline/snapshot',
    remedy: `Write a time that has passed, ${formatInstant(now)} at the latest.`,
  })
}
