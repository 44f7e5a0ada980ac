import { readFileSync } from 'node:fs'

/** A refusal, in the words of the service. */
export class ApiError extends Error {
  readonly field: string | undefined

  constructor(message: string, field: string | undefined) {
    super(message)
    this.field = field
  }
}

export interface ApiReply {
  status: number
  body: unknown
}

/** Sends requests with the token of `PORTCULLIS_TOKEN`, or of the file that `PORTCULLIS_TOKEN_FILE` names. */
export class ApiClient {
  readonly #url: string
  readonly #token: string

  constructor(url: string, token: string) {
    this.#url = url.replace(/\/+$/, '')
    this.#token = token
  }

  /** @throws {ApiError} what the service answers, or that it doesn't */
  async send(method: 'GET' | 'PUT', path: string, body?: object): Promise<ApiReply> {
    const headers = { authorization: `Bearer ${this.#token}`, ...(body && { 'content-type': 'application/json' }) }
    const request = { method, headers, redirect: 'error' as const, ...(body && { body: JSON.stringify(body) }) }
    const response = await fetch(`${this.#url}${path}`, request).catch((error: unknown) => {
      const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : ''
      throw new ApiError(`${this.#url} can't be reached${cause}.`, undefined)
    })
    const reply: unknown = await response.json().catch(() => undefined)
    if (!response.ok) throw refusal(response.status, reply)
    return { status: response.status, body: reply }
  }
}

/** The token to send. @throws {Error} if there is none */
export function readToken(env: NodeJS.ProcessEnv): string {
  const file = env['PORTCULLIS_TOKEN_FILE']
  const token = env['PORTCULLIS_TOKEN'] ?? (file === undefined ? '' : readFileSync(file, 'utf8').trim())
  if (token === '') throw new Error('No token: set PORTCULLIS_TOKEN or PORTCULLIS_TOKEN_FILE.')
  return token
}

function refusal(status: number, body: unknown): ApiError {
  const problem = (body ?? {}) as { detail?: string; remedy?: string; code?: string; field?: string }
  const text = [problem.detail ?? `The service answers ${status}.`, problem.remedy, problem.code && `(${problem.code})`]
  return new ApiError(text.filter((part) => part !== undefined && part !== '').join(' '), problem.field)
}
