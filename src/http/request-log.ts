import type { Request, Response } from 'express'
import type { Logger } from 'pino'

import { withoutCredentials } from '../core/credential-text.ts'
import { credentialName } from '../core/principal.ts'
import type { RequestState } from './request-state.ts'

const LONGEST_PATH = 512
const PROBES: ReadonlySet<string> = new Set(['getHealth', 'getReadiness'])

/** One line for each request. Never the query, a header or a body: any of them can hold a secret, and so can a path that was put together wrongly. */
export function logRequest(logger: Logger, request: Request, response: Response, state: RequestState, elapsedMs: number): void {
  const status = response.statusCode
  const line = {
    requestId: state.requestId,
    method: request.method,
    path: withoutCredentials(request.path.slice(0, LONGEST_PATH)),
    operation: state.operation,
    status,
    code: state.code,
    ms: Math.round(elapsedMs * 100) / 100,
    principal: state.access?.principal.name,
    credential: state.access && credentialName(state.access.credential),
    address: state.address,
    ...(!response.writableFinished && { aborted: true }),
  }
  if (status >= 500) logger.warn(line, 'request')
  else if (PROBES.has(state.operation)) logger.debug(line, 'request')
  else logger.info(line, 'request')
}
