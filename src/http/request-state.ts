import type { Request, Response } from 'express'

import type { Access } from '../core/principal.ts'
import type { ErrorCode } from './problem.ts'
import type { ReplyContext } from './reply.ts'

/** What is known of a request while it is served, for its reply and its log line. */
export interface RequestState {
  requestId: string
  /** Milliseconds of the monotonic clock. */
  startedAt: number
  /** Id from the contract; `unknown` until one is found. */
  operation: string
  /** Network address of the client, as far as it is to be believed; attacker-controlled text behind a trusted proxy. */
  address: string
  access: Access | undefined
  /** RFC 3339: when the token ends, if that is soon. */
  tokenExpires: string | undefined
  tokenSent: boolean
  code: ErrorCode | undefined
}

/** The state of the request that a response belongs to. */
export function stateOf(response: Response): RequestState {
  return response.locals as RequestState
}

/** What the connection adds to a reply. */
export function replyContext(request: Request, response: Response, lastOnConnection: boolean): ReplyContext {
  const { requestId, tokenExpires } = stateOf(response)
  return { requestId, secure: request.secure, lastOnConnection, tokenExpires }
}
