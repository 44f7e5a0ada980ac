import { AppError } from '../../core/app-error.ts'
import type { Digest } from '../../core/digest.ts'
import type { OwnershipMap } from '../../ownership/ownership-map.ts'
import { formatInstant, parseInstant } from '../../core/time.ts'
import type { Binding, Mode, PackManifest } from '../../policy/model.ts'
import { resolveParameters } from '../../policy/parameters.ts'

export type BacktestErrorCode = 'backtest_period' | 'backtest_binding_unknown'

/** What whoever asks for a backtest says. */
export interface BacktestDraft {
  /** RFC 3339: decisions from then on. */
  from: string
  /** RFC 3339: decisions before then. */
  to: string
  /** In place of those that each binding had. */
  parameters?: Readonly<Record<string, unknown>>
  /** Only under this binding. */
  binding?: string
  /** In place of the one that each binding had. */
  mode?: Mode
}

/** What is run: it is kept, so that it goes on the same after an interruption. */
export interface BacktestRequest {
  pack: string
  version: Digest
  /** RFC 3339 UTC. */
  from: string
  to: string
  parameters: Readonly<Record<string, unknown>> | null
  binding: string | null
  mode: Mode | null
  /** The bindings of the pack as they are now: where they would have applied, the version is tried as well. */
  bindings: readonly Binding[]
  /** Globs of the repositories that each team owned then which these bindings select. */
  teams: Readonly<Record<string, readonly string[]>>
}

/** What there is as a backtest begins. */
export interface BacktestSurroundings {
  bindings: readonly Binding[]
  ownership: Pick<OwnershipMap, 'repositoriesOf'>
  /** Milliseconds since the epoch. */
  now: number
}

/**
 * Reads what is asked for.
 * @throws {AppError} `backtest_period`, `backtest_binding_unknown` or `parameters_invalid`
 */
export function readBacktest(
  draft: BacktestDraft,
  manifest: PackManifest,
  { bindings: known, ownership, now }: BacktestSurroundings,
): BacktestRequest {
  const { parameters = null, binding = null, mode = null } = draft
  if (parameters) resolveParameters(manifest, parameters)
  const named = known.filter(({ name }) => name === binding)
  if (binding !== null && named.length === 0) {
    throw new AppError<BacktestErrorCode>('backtest_binding_unknown', `There is no binding "${binding.slice(0, 80)}".`, {
      field: 'body.binding',
      remedy: 'GET /v1/bindings lists them; without one, every binding of the pack is taken.',
    })
  }
  const bindings = binding === null ? known.filter(({ pack }) => pack === manifest.name) : named
  return {
    pack: manifest.name,
    version: manifest.digest,
    ...readPeriod(draft),
    ...{ parameters, binding, mode },
    bindings: bindings.length > 0 ? bindings : [everywhere(manifest, now)],
    teams: Object.fromEntries(
      bindings
        .flatMap(({ team = [] }) => team)
        .flatMap((name) => {
          const globs = ownership.repositoriesOf(name)
          return globs ? [[name, globs]] : []
        }),
    ),
  }
}

function readPeriod({ from, to }: BacktestDraft): { from: string; to: string } {
  const [first, end] = [parseInstant(from), parseInstant(to)]
  if (first !== undefined && end !== undefined && first < end) return { from: formatInstant(first), to: formatInstant(end) }
  throw new AppError<BacktestErrorCode>('backtest_period', 'The period does not begin before it ends.', {
    field: 'body.to',
    remedy: 'Write both as RFC 3339 with an offset, `from` earlier than `to`.',
  })
}

/** A pack that nothing binds is tried on every decision. */
function everywhere({ name }: PackManifest, now: number): Binding {
  const base = { name, pack: name, version: 'latest', parameters: {}, mode: 'enforce', validFor: 'P7D', revision: 0 } as const
  return { ...base, updatedAt: formatInstant(now), updatedBy: 'backtest' }
}
