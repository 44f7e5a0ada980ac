import type { OperationName } from '../operations/registry.ts'
import type { Revision } from './write-batch.ts'

/** How the writer reaches its database. */
export type WriterTarget = { engine: 'sqlite'; path: string } | { engine: 'postgres'; url: string }

/** What the writer is asked, many at a time. */
export interface WriterRequest {
  id: number
  name: OperationName
  args: unknown
}

export type WriterMessage = { requests: WriterRequest[] } | { finish: true }

/** How an operation failed. An error with a code is an `AppError`. */
export interface WriterFailure {
  code: string | undefined
  message: string
  field: string | undefined
  remedy: string | undefined
  /** For the logs of the service. */
  cause: string
}

export type WriterAnswer = { id: number; value: unknown } | { id: number; failure: WriterFailure }

/** What the writer tells after each transaction: everything here is committed, or failed for good. */
export interface WriterReport {
  answers: WriterAnswer[]
  changed: readonly Revision[]
  /** Seconds from the beginning of the transaction until its commit returned. */
  seconds: number
}

export type WriterEvent = { ready: true } | { report: WriterReport } | { finished: true } | { fatal: WriterFailure }
