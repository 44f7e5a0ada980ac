import type { IncomingMessage, ServerResponse } from 'node:http'

import { AppError } from '../core/app-error.ts'
import type { HeldBytes } from './body-budget.ts'
import { BodyPace, paceInterval, type PaceLimits } from './body-pace.ts'
import { decompress, encodingOf } from './content-encoding.ts'
import type { HttpErrorCode } from './problem.ts'

export interface BodyLimits extends PaceLimits {
  /** Longest body, before and after decompression, in bytes. */
  maxBytes: number
}

/**
 * Reads a request's body into memory, never more than allowed and never slower. What it takes is held by the caller.
 * @throws {AppError} `body_too_large`, `body_too_slow`, `body_interrupted`, `encoding_…`, or `overloaded` if bodies of all requests together are too much
 */
export async function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  limits: BodyLimits,
  held: HeldBytes,
): Promise<Uint8Array> {
  const encoding = encodingOf(request.headers['content-encoding'])
  if (Number(request.headers['content-length'] ?? 0) > limits.maxBytes) throw tooLarge(limits.maxBytes)
  if (request.headers.expect !== undefined) response.writeContinue()
  const received = await collect(request, limits, (bytes) => held.add(bytes))
  if (encoding === undefined) return received
  const body = await decompress(received, encoding, limits.maxBytes, (bytes) => held.add(bytes))
  if (body === undefined) throw tooLarge(limits.maxBytes)
  return body
}

function collect(request: IncomingMessage, limits: BodyLimits, account: (bytes: number) => void): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>()
  const pace = new BodyPace(limits, performance.now())
  const chunks: Buffer[] = []
  let size = 0
  let done = false
  const stop = (error: AppError<HttpErrorCode>): void => {
    request.pause()
    finish(() => reject(error))
  }
  const onData = (chunk: Buffer): void => {
    size += chunk.byteLength
    pace.arrived(chunk.byteLength, performance.now())
    if (size > limits.maxBytes) return stop(tooLarge(limits.maxBytes))
    try {
      account(chunk.byteLength)
    } catch (error) {
      return stop(error as AppError<HttpErrorCode>)
    }
    chunks.push(chunk)
  }
  const onEnd = (): void => finish(() => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size)))
  const onClose = (): void => stop(interrupted())
  const checkPace = (): void => {
    const slow = done ? undefined : pace.tooSlow(performance.now())
    if (slow !== undefined) stop(tooSlow(slow))
  }
  // Timers run before sockets are read: after a pause of ours, what has arrived meanwhile comes first.
  const timer = setInterval(() => setImmediate(checkPace), paceInterval(limits))
  const finish = (settle: () => void): void => {
    done = true
    clearInterval(timer)
    request.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose)
    settle()
  }
  request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose)
  return promise
}

/** How much of a refused body is read and thrown away, so that the client gets to see the answer: bytes and milliseconds. */
const DRAINED_BYTES = 1024 * 1024
const DRAINED_MS = 5000

/**
 * Call before answering a request whose body was not read to its end. What is left is thrown away, up to a bound; then the connection is cut.
 * A client that still waits for `100 Continue` sends nothing, or sends it as its next request: for it the connection ends with the answer.
 * @returns true if the reply must close the connection
 */
export function abandonBody(request: IncomingMessage): boolean {
  if (request.complete || request.destroyed || !announcesBody(request)) return false
  if (request.headers.expect !== undefined && request.readableFlowing === null) return true
  let left = DRAINED_BYTES
  const timer = setTimeout(() => request.destroy(), DRAINED_MS)
  request.on('data', (chunk: Buffer) => {
    left -= chunk.byteLength
    if (left < 0) request.destroy()
  })
  request.on('error', () => undefined)
  request.once('close', () => clearTimeout(timer))
  request.resume()
  return false
}

function announcesBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

function tooLarge(maxBytes: number): AppError<HttpErrorCode> {
  return new AppError('body_too_large', `The body is longer than ${maxBytes} bytes.`, {
    field: 'body',
    remedy: 'Split the report by module or shard and give each a name; PORTCULLIS_MAX_REPORT_BYTES raises the limit of reports.',
  })
}

function tooSlow(message: string): AppError<HttpErrorCode> {
  return new AppError('body_too_slow', message, {
    field: 'body',
    remedy: 'Send it again; compress large reports (Content-Encoding: gzip or zstd).',
  })
}

function interrupted(): AppError<HttpErrorCode> {
  return new AppError('body_interrupted', 'The connection ended before the body did.', { field: 'body', remedy: 'Send it again.' })
}
