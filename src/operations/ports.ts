import type { IdempotencyClaim } from '../core/idempotency.ts'
import type { EntryDraft } from '../core/log-entry.ts'
import type { Page, PageRequest } from '../core/page.ts'
import type { NewOperation, OperationFailure, OperationState, StoredOperation } from './model.ts'

/** A row that an operation adds to what it found, under a number that only grows. */
export interface OperationItem {
  no: number
  /** JSON. */
  item: unknown
}

/** How far an operation got. */
export interface OperationProgress {
  done: number
  total: number
  checkpoint: unknown
  items: readonly OperationItem[]
}

/** How an operation ended. */
export interface OperationEnd {
  id: string
  state: Exclude<OperationState, 'running'>
  result: unknown
  error: OperationFailure | null
  /** RFC 3339 UTC. */
  at: string
  /** The record that `entry` speaks for. */
  record: object
  entry: EntryDraft
}

/** By whom an operation is run, and until when nobody else takes it up. Times are milliseconds since the epoch. */
export interface Lease {
  runner: string
  now: number
  until: number
}

/** Keeps operations. */
export interface OperationStore {
  /** Writes an operation with its entry; a repeat of a claimed idempotency key gives back the first one. */
  start(
    operation: NewOperation,
    started: { entry: EntryDraft; record: object },
    idempotency: IdempotencyClaim | undefined,
  ): Promise<{ operation: StoredOperation; repeated: boolean }>
  /** The oldest operation of these kinds that runs and that nobody holds: it is the runner's from now on. */
  claim(kinds: readonly string[], lease: Lease): Promise<StoredOperation | undefined>
  /** Keeps how far it got, and holds it longer. @returns false if it isn't the runner's any more: it was cancelled, or somebody else took it up */
  save(id: string, progress: OperationProgress, lease: Lease): Promise<boolean>
  /** Lets another runner take it up. */
  release(id: string, runner: string): Promise<void>
  /** @param runner who ran it; undefined for whoever cancels it. @returns false if it isn't theirs to end, or ended already */
  finish(end: OperationEnd, runner: string | undefined): Promise<boolean>
  find(id: string): Promise<StoredOperation | undefined>
  /** Newest first. @param ownerId only of this principal */
  list(filter: { ownerId?: string; kind?: string; state?: OperationState }, page: PageRequest): Promise<Page<StoredOperation>>
  /** What it found, in the order of its numbers, behind `after` (a number as text). */
  items(id: string, after: string | undefined, limit: number): Promise<OperationItem[]>
}
