import type { Request } from 'express'

import type { LoginErrorCode } from '../../auth/login/errors.ts'
import { returnAddress } from '../../auth/login/return-path.ts'
import { AppError } from '../../core/app-error.ts'
import type { Handlers } from '../call.ts'
import type { ContractErrorCode } from '../contract/validation.ts'
import { dropCookie, readCookie, setCookie } from '../cookies.ts'
import { negotiate } from '../negotiate.ts'
import { ownAddress, type OwnAddress } from '../own-address.ts'
import { loginPage } from '../pages/login-page.ts'
import type { HttpDependencies } from '../ports.ts'
import { notFound } from '../problem.ts'
import { empty, json, type Reply } from '../reply.ts'
import { requireSameOrigin } from '../same-origin.ts'

/** It says who one is now. */
const HOME = '/v1/whoami'

type LoginHandlers = Pick<Handlers, 'logIn' | 'completeLogin' | 'logOut'>

/** How people log in, with a browser; the rest of the API takes their session like a token. */
export function loginRoutes({ logins, settings }: Pick<HttpDependencies, 'logins' | 'settings'>): LoginHandlers {
  return {
    logIn: async ({ query, request }) => {
      const { issuer, returnTo, group = null } = query
      if (issuer === undefined) return choices(request, await logins.providers(), query)
      const own = requireOwnAddress(request, settings.publicUrl)
      const wish = { returnTo: checkedReturn(returnTo ?? HOME, own), redirectUri: `${own.base}/auth/callback/${issuer}`, group }
      const begun = await logins.begin(issuer, wish)
      if (!begun) throw notFound('login provider', 'query.issuer')
      return redirect(302, begun.location, [setCookie('login', begun.sealed, begun.seconds, own)])
    },

    completeLogin: async ({ parameters, query, request, requestId }) => {
      const own = requireOwnAddress(request, settings.publicUrl)
      const { state, code, iss, error } = query
      const meta = { address: request.ip ?? '', requestId }
      const session = await logins.complete(parameters.issuer, { state, code, iss, error }, readCookie(request, 'login', own), meta)
      if (!session) throw notFound('login provider', 'path.issuer')
      const { text, seconds, returnTo } = session
      return redirect(303, returnTo, [setCookie('session', text, seconds, own), dropCookie('login', own)])
    },

    logOut: async ({ request, requestId }) => {
      const own = ownAddress(request, settings.publicUrl)
      const session = own && readCookie(request, 'session', own)
      if (!own || session === undefined) return empty(204)
      requireSameOrigin(request, own)
      await logins.logOut(session, requestId)
      return empty(204, { 'set-cookie': dropCookie('session', own) })
    },
  }
}

/** @throws {AppError} `login_unavailable` */
function requireOwnAddress(request: Request, publicUrl: string | undefined): OwnAddress {
  const own = ownAddress(request, publicUrl)
  if (own) return own
  throw new AppError<LoginErrorCode>('login_unavailable', 'The service does not know under which https address browsers reach it.', {
    remedy: 'Set PORTCULLIS_PUBLIC_URL, such as https://gate.example.com; on this machine 127.0.0.1 and localhost do without.',
  })
}

function checkedReturn(path: string, own: OwnAddress): string {
  const address = returnAddress(path, own.base)
  if (address !== undefined) return address
  throw new AppError<ContractErrorCode>('invalid_parameter', 'query.returnTo: is no path of this service.', {
    field: 'query.returnTo',
    remedy: 'Write a path like /docs: one slash at its beginning, no backslash, percent-encoded.',
  })
}

function choices(request: Request, issuers: readonly string[], { returnTo, group }: { returnTo?: string; group?: string }): Reply {
  const items = issuers.map((issuer) => {
    const query = new URLSearchParams({ issuer, ...(returnTo !== undefined && { returnTo }), ...(group !== undefined && { group }) })
    // Query strings are percent-decoded only here, so that a plus would stay a plus.
    return { issuer, path: `/auth/login?${query.toString().replaceAll('+', '%20')}` }
  })
  const type = negotiate(request, ['application/json', 'text/html'])
  return type === 'text/html' ? loginPage(items) : json(200, { items, next: null }, { vary: 'accept' })
}

function redirect(status: 302 | 303, location: string, cookies: string[]): Reply {
  return empty(status, { location, 'set-cookie': cookies })
}
