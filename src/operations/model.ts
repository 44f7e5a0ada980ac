import type { Confinement } from '../core/principal.ts'

export type OperationState = 'running' | 'succeeded' | 'failed' | 'cancelled'

/** Why an operation failed, for whoever began it. */
export interface OperationFailure {
  code: string
  message: string
}

/** Work that goes on after the request that began it was answered. */
export interface Operation {
  id: string
  kind: string
  state: OperationState
  progress: { done: number; total: number; percent: number }
  /** What came of it; null until it succeeded. */
  result: unknown
  error: OperationFailure | null
  /** Name of the principal who began it. */
  requestedBy: string
  /** RFC 3339 UTC. */
  requestedAt: string
  /** When it was first taken up; null while it waits. */
  startedAt: string | null
  finishedAt: string | null
}

/** What is known of an operation from its first moment on. */
export interface NewOperation {
  id: string
  kind: string
  /** What its kind was asked to do, as JSON. */
  request: unknown
  ownerId: string
  requestedBy: string
  requestedAt: string
  /** What whoever began it may see: the work keeps to it, and so does whoever reads the result. */
  confinement: Confinement
}

/** An operation as it is kept. */
export interface StoredOperation extends NewOperation {
  state: OperationState
  done: number
  total: number
  /** Where to go on after an interruption, as JSON of its kind; null at the beginning. */
  checkpoint: unknown
  result: unknown
  error: OperationFailure | null
  startedAt: string | null
  finishedAt: string | null
  /** How often it was taken up since it last got on. */
  attempts: number
}

/** The operation as the API shows it. */
export function shownOperation(stored: StoredOperation): Operation {
  const { id, kind, state, done, total, result, error, requestedBy, requestedAt, startedAt, finishedAt } = stored
  const percent = state === 'succeeded' ? 100 : total === 0 ? 0 : Math.min(100, Math.floor((done / total) * 100))
  return { id, kind, state, progress: { done, total, percent }, result, error, requestedBy, requestedAt, startedAt, finishedAt }
}
