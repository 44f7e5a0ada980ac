import type { Request } from 'express'

import { AppError } from '../core/app-error.ts'
import type { Access, Scope } from '../core/principal.ts'
import type { HttpDependencies } from './ports.ts'
import type { HttpErrorCode } from './problem.ts'

const BEARER = /^bearer +([\x21-\x7e]{1,1024})$/i

/** The token of a request (RFC 6750, section 2.1); undefined if none was sent in that form. */
export function bearerOf(request: Request): string | undefined {
  return BEARER.exec(request.headers.authorization ?? '')?.[1]
}

/**
 * Who asks, if the token is valid and has the scope. Looks at nothing else of the request.
 * @throws {AppError} `unauthenticated` or `scope_missing`
 */
export async function authorise(
  authenticator: HttpDependencies['authenticator'],
  request: Request,
  bearer: string | undefined,
  scope: Scope,
): Promise<Access> {
  const access = await authenticator.authenticate(bearer, request.ip ?? '')
  if (access.scopes.has(scope)) return access
  throw new AppError<HttpErrorCode>('scope_missing', `This needs the scope ${scope}, which the token does not have.`, {
    field: 'header.Authorization',
    remedy: `Use a token with ${scope}; whoever has tokens:manage can issue one.`,
  })
}
