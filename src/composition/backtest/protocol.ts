import type { Confinement } from '../../core/principal.ts'
import type { BacktestRequest } from '../../decisions/backtest/request.ts'
import type { Trial } from '../../decisions/backtest/try-decisions.ts'

/** What a worker of a backtest starts with. */
export interface TrialSetup {
  storage: { dataDir: string; databaseUrl: string | undefined }
  engine: { deadlineMs: number; memoryPages: number }
  request: BacktestRequest
  confinement: Confinement
}

/** Log indexes to be tried, under a number of the asker's choice. */
export interface TrialTask {
  no: number
  positions: readonly number[]
}

/** What became of a task; `ready` before the first. */
export type TrialAnswer = { ready: true } | { no: number; trial: Trial } | { no: number; failure: string }
