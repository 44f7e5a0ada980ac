import type { Request } from 'express'

import { AppError } from '../core/app-error.ts'
import type { HttpErrorCode } from './problem.ts'

/** The renderings of a decision. */
export const DECISION_TYPES = ['application/json', 'text/plain', 'text/markdown', 'application/junit+xml'] as const
export const EXPLANATION_TYPES = ['text/plain', 'text/markdown', 'application/junit+xml', 'application/json'] as const

/**
 * Chooses what the caller would like best (RFC 9110, section 12.5.1); the first one offered if it doesn't mind.
 * @throws {AppError} `not_acceptable`
 */
export function negotiate<Type extends string>(request: Request, offered: readonly [Type, ...Type[]]): Type {
  const accept = request.headers.accept
  if (accept === undefined || accept === '*/*' || accept === offered[0]) return offered[0]
  const chosen = request.accepts([...offered])
  const type = offered.find((candidate) => candidate === chosen)
  if (type !== undefined) return type
  throw new AppError<HttpErrorCode>('not_acceptable', 'None of the types in Accept is offered here.', {
    field: 'header.Accept',
    remedy: `Offered: ${offered.join(', ')}.`,
  })
}
