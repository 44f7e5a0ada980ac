import type { ServerResponse } from 'node:http'

/** What an operation answers. */
export interface Reply {
  status: number
  contentType: string | undefined
  /** Sent as it is; strings as UTF-8. */
  body: string | Uint8Array | undefined
  /** Besides those that every reply carries; names in lower case. */
  headers: ReplyHeaders
}

export type ReplyHeaders = Readonly<Record<string, string | string[]>>

const NONE: ReplyHeaders = {}

/** A JSON reply. */
export function json(status: number, value: unknown, headers = NONE): Reply {
  return { status, contentType: 'application/json; charset=utf-8', body: JSON.stringify(value), headers }
}

/** A reply of some other text; `mediaType` without charset. */
export function text(status: number, mediaType: string, body: string, headers = NONE): Reply {
  return { status, contentType: `${mediaType}; charset=utf-8`, body, headers }
}

/** 204, or any other status without content. */
export function empty(status: number, headers = NONE): Reply {
  return { status, contentType: undefined, body: undefined, headers }
}

/**
 * On every reply. Nothing of the API may be cached, framed, sniffed or run by a browser;
 * pages of ours override the policy with what they need.
 */
const SECURITY_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const

/** What the connection adds to a reply. */
export interface ReplyContext {
  requestId: string
  /** The connection is encrypted: browsers shall insist on that from now on. */
  secure: boolean
  /** The service is stopping: the client shall not send more on this connection. */
  lastOnConnection: boolean
  /** RFC 3339: when the token ends that the request came with, if that is soon. */
  tokenExpires: string | undefined
}

/** Writes the reply in one go. A HEAD request gets the same headers; Node leaves out the body. */
export function send(response: ServerResponse, reply: Reply, context: ReplyContext): void {
  const { status, contentType, body, headers } = reply
  response.writeHead(status, {
    ...SECURITY_HEADERS,
    'x-request-id': context.requestId,
    ...(contentType !== undefined && { 'content-type': contentType }),
    ...(status !== 204 && { 'content-length': body === undefined ? 0 : Buffer.byteLength(body) }),
    ...(context.secure && { 'strict-transport-security': 'max-age=31536000' }),
    ...(context.lastOnConnection && { connection: 'close' }),
    ...(context.tokenExpires !== undefined && { 'portcullis-token-expires': context.tokenExpires }),
    ...headers,
  })
  response.end(body)
}
