import { request as requestHttp, type IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'

import type { JsonFetcher } from '../auth/jwt/ports.ts'
import { decodeUtf8, parseBoundedJson, type JsonLimits } from '../core/bounded-json.ts'
import { outboundUrlFault } from '../core/outbound-url.ts'

export interface FetchLimits {
  /** Milliseconds from the beginning of a request to the last byte of its answer. */
  deadlineMs: number
  maxBytes: number
}

export const DEFAULT_FETCH_LIMITS: FetchLimits = { deadlineMs: 5000, maxBytes: 256 * 1024 }

const JSON_LIMITS: JsonLimits = { maxDepth: 16, maxStringLength: 64 * 1024, maxValues: 10_000 }

/**
 * Fetches JSON from addresses that an administrator configured. What answers is not trusted: no redirect is followed, no compressed body
 * is unpacked, size and time are bounded. Disposing of it ends what is under way.
 */
export class JsonClient implements JsonFetcher, Disposable {
  readonly #limits: FetchLimits
  readonly #closing = new AbortController()

  constructor(limits: FetchLimits = DEFAULT_FETCH_LIMITS) {
    this.#limits = limits
  }

  /** @throws {Error} if the address is not https, or the answer is anything but a 200 with acceptable JSON */
  async fetchJson(url: string): Promise<unknown> {
    const fault = outboundUrlFault(url)
    if (fault !== undefined) throw new Error(`the address ${fault}`)
    const signal = AbortSignal.any([AbortSignal.timeout(this.#limits.deadlineMs), this.#closing.signal])
    const response = await get(new URL(url), signal)
    try {
      requirePlainAnswer(response)
      return parseBoundedJson(decodeUtf8(await readBody(response, this.#limits.maxBytes)), JSON_LIMITS)
    } finally {
      response.destroy()
    }
  }

  [Symbol.dispose](): void {
    this.#closing.abort()
  }
}

function get(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const send = url.protocol === 'https:' ? requestHttps : requestHttp
  const headers = { accept: 'application/json', 'accept-encoding': 'identity', 'user-agent': 'portcullis' }
  // No connection is kept: the next fetch is minutes away.
  send(url, { agent: false, headers, signal }, resolve).once('error', reject).end()
  return promise
}

function requirePlainAnswer({ statusCode, headers }: IncomingMessage): void {
  if (statusCode !== 200) throw new Error(`it answered with status ${statusCode}`)
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') throw new Error('it answered with a Content-Encoding that was not asked for')
}

async function readBody(response: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBytes) throw new Error(`it answered with more than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  if (!response.complete) throw new Error('its answer ended early')
  return Buffer.concat(chunks)
}
