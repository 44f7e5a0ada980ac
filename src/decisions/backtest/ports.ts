import type { Confinement } from '../../core/principal.ts'
import type { BacktestRequest } from './request.ts'
import type { Trial } from './try-decisions.ts'

/** Workers that try one version, away from the thread that serves requests. */
export interface TrialSession extends AsyncDisposable {
  /** How many trials run side by side. */
  readonly width: number
  /** Tries the version on the decisions at these log indexes, as far as whoever began the backtest may see them. */
  try(positions: readonly number[]): Promise<Trial>
}

/** Starts workers that give way to live decisions. */
export interface BacktestPool {
  open(request: BacktestRequest, confinement: Confinement): Promise<TrialSession>
}
