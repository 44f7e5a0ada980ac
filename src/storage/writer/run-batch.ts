import { AppError } from '../../core/app-error.ts'
import { storageUnavailable } from '../errors.ts'
import { GATHERING, OPERATIONS } from '../operations/registry.ts'
import type { WriteEngine } from './engine.ts'
import type { WriterAnswer, WriterFailure, WriterReport, WriterRequest } from './messages.ts'
import { WriteBatch } from './write-batch.ts'

/**
 * Carries out the requests in one transaction. An operation that refuses hurts no other; if the transaction itself is lost,
 * every request fails with `storage_unavailable` and nothing of it is kept.
 */
export async function runBatch(engine: WriteEngine, requests: readonly WriterRequest[]): Promise<WriterReport> {
  const start = performance.now()
  const { answers, changed } = await inOneTransaction(engine, requests)
  return { answers, changed, seconds: (performance.now() - start) / 1000 }
}

type Outcome = Pick<WriterReport, 'answers' | 'changed'>

async function inOneTransaction(engine: WriteEngine, requests: readonly WriterRequest[]): Promise<Outcome> {
  try {
    const batch = await WriteBatch.begin(engine)
    const answers: WriterAnswer[] = []
    for (const request of requests) answers.push(await carryOut(batch, request))
    await batch.commit()
    return { answers, changed: batch.changed }
  } catch (error) {
    await engine.rollback()
    if (!engine.isUnavailable(error) && requests.length > 1) return oneByOne(engine, requests)
    const failure = describeFailure(engine.isUnavailable(error) ? storageUnavailable(error) : error)
    return { answers: requests.map(({ id }) => ({ id, failure })), changed: [] }
  }
}

/** Some row of the gathered ones was refused: each request alone, so that only the one at fault fails. */
async function oneByOne(engine: WriteEngine, requests: readonly WriterRequest[]): Promise<Outcome> {
  const outcomes: Outcome[] = []
  for (const request of requests) outcomes.push(await inOneTransaction(engine, [request]))
  return { answers: outcomes.flatMap(({ answers }) => answers), changed: outcomes.flatMap(({ changed }) => changed) }
}

async function carryOut(batch: WriteBatch, { id, name, args }: WriterRequest): Promise<WriterAnswer> {
  // The client's types hold name and arguments together.
  const operation = OPERATIONS[name] as (batch: WriteBatch, args: unknown) => Promise<unknown>
  try {
    const value = GATHERING.has(name) ? await operation(batch, args) : await batch.isolated(() => operation(batch, args))
    return { id, value }
  } catch (error) {
    if (batch.engine.isUnavailable(error) || (GATHERING.has(name) && !(error instanceof AppError))) throw error
    return { id, failure: describeFailure(error) }
  }
}

/** A failure as plain data, to cross threads. */
export function describeFailure(error: unknown): WriterFailure {
  if (error instanceof AppError) {
    const { code, message, field, remedy, cause } = error as AppError
    return { code, message, field, remedy, cause: describeCause(cause) }
  }
  const message = error instanceof Error ? error.message : String(error)
  return { code: undefined, message, field: undefined, remedy: undefined, cause: describeCause(error) }
}

function describeCause(cause: unknown): string {
  if (cause instanceof Error) return cause.stack ?? cause.message
  return typeof cause === 'string' ? cause : ''
}
