import { request as requestHttp, type IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'

import type { FormAnswer, ProviderClient } from '../auth/login/ports.ts'
import { decodeUtf8, parseBoundedJson, type JsonLimits } from '../core/bounded-json.ts'
import { outboundUrlFault } from '../core/outbound-url.ts'

export interface FetchLimits {
  /** Milliseconds from the beginning of a request to the last byte of its answer. */
  deadlineMs: number
  maxBytes: number
}

export const DEFAULT_FETCH_LIMITS: FetchLimits = { deadlineMs: 5000, maxBytes: 256 * 1024 }

const JSON_LIMITS: JsonLimits = { maxDepth: 16, maxStringLength: 64 * 1024, maxValues: 10_000 }

/** What is sent besides the address. */
interface Sending {
  authorization?: string | undefined
  /** Posted as `application/x-www-form-urlencoded`. */
  form?: Readonly<Record<string, string>>
}

/**
 * Fetches JSON from addresses that an administrator configured. What answers is not trusted: no redirect is followed, no compressed body
 * is unpacked, size and time are bounded. Disposing of it ends what is under way.
 */
export class JsonClient implements ProviderClient, Disposable {
  readonly #limits: FetchLimits
  readonly #closing = new AbortController()

  constructor(limits: FetchLimits = DEFAULT_FETCH_LIMITS) {
    this.#limits = limits
  }

  /** @throws {Error} if the address is not https, or the answer is anything but a 200 with acceptable JSON */
  async fetchJson(url: string, authorization?: string): Promise<unknown> {
    const { status, body } = await this.#ask(url, { authorization }, (answered) => answered === 200)
    if (status !== 200) throw new Error(`it answered with status ${status}`)
    return body
  }

  /** @throws {Error} if the address is not https, or the answer has no acceptable JSON */
  postForm(url: string, form: Readonly<Record<string, string>>, authorization?: string): Promise<FormAnswer> {
    return this.#ask(url, { form, authorization }, (answered) => answered === 200 || (answered >= 400 && answered < 500))
  }

  /** The body is read only if the status is one that is expected; else it is undefined. */
  async #ask(url: string, sending: Sending, expected: (status: number) => boolean): Promise<FormAnswer> {
    const fault = outboundUrlFault(url)
    if (fault !== undefined) throw new Error(`the address ${fault}`)
    const signal = AbortSignal.any([AbortSignal.timeout(this.#limits.deadlineMs), this.#closing.signal])
    const response = await send(new URL(url), sending, signal)
    try {
      const status = response.statusCode ?? 0
      if (!expected(status)) return { status, body: undefined }
      requirePlain(response)
      return { status, body: parseBoundedJson(decodeUtf8(await readBody(response, this.#limits.maxBytes)), JSON_LIMITS) }
    } finally {
      response.destroy()
    }
  }

  [Symbol.dispose](): void {
    this.#closing.abort()
  }
}

function send(url: URL, { authorization, form }: Sending, signal: AbortSignal): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const request = url.protocol === 'https:' ? requestHttps : requestHttp
  const body = form && new URLSearchParams(form).toString()
  const headers = {
    accept: 'application/json',
    'accept-encoding': 'identity',
    'user-agent': 'portcullis',
    ...(authorization !== undefined && { authorization }),
    ...(body !== undefined && { 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(body) }),
  }
  // No connection is kept: the next fetch is minutes away.
  request(url, { agent: false, method: body === undefined ? 'GET' : 'POST', headers, signal }, resolve)
    .once('error', reject)
    .end(body)
  return promise
}

function requirePlain({ headers }: IncomingMessage): void {
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
