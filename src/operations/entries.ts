import { canonicalDigest } from '../core/canonical-json.ts'
import type { Cause, EntryDraft, EntryType } from '../core/log-entry.ts'
import type { OperationFailure, OperationState, StoredOperation } from './model.ts'
import type { OperationEnd } from './ports.ts'

/** What the log tells of the end of each kind of operation. */
const FINISHED: Readonly<Record<string, EntryType>> = { backtest: 'backtest.finished' }

/** How an operation ended, with the entry that tells of it. */
export function operationEnd(
  { id, kind, done, total }: StoredOperation,
  outcome: { state: Exclude<OperationState, 'running'>; result: unknown; error: OperationFailure | null },
  { at, actor, requestId }: Cause,
): OperationEnd {
  const record = {
    operation: id,
    kind,
    state: outcome.state,
    done,
    total,
    result: outcome.result ?? null,
    code: outcome.error?.code ?? null,
    at,
  }
  const type = FINISHED[kind]
  if (!type) throw new TypeError(`the log has no entry for the end of ${kind}`)
  const entry: EntryDraft = {
    ...{ type, at, actor, detail: {} },
    ...(requestId !== undefined && { requestId }),
    body: { digest: canonicalDigest(record), operation: id, state: outcome.state, done, code: outcome.error?.code ?? null },
  }
  return { id, ...outcome, at, record, entry }
}
