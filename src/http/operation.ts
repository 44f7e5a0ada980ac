import type { Request, RequestHandler, Response } from 'express'

import { requireScope } from '../auth/authorize.ts'
import { nearEnd } from '../auth/token-state.ts'
import type { PresentedCertificate } from '../auth/certificates/verify-chain.ts'
import type { Access } from '../core/principal.ts'
import { abandonBody, readBody } from './body.ts'
import type { BodyBudgets, HeldBytes } from './body-budget.ts'
import { sessionOf, tokenOf, type SentSession } from './authorise.ts'
import type { Call, Handler } from './call.ts'
import type { ClientCertificates } from './client-certificates.ts'
import type { Operation, OperationId } from './contract/document.ts'
import type { RequestValidator } from './contract/validation.ts'
import { idempotencyClaim, withoutBoundary } from './idempotency.ts'
import { parseJsonBody, readCalendarBody } from './json-body.ts'
import { checkJsonType, checkReportType, isCalendarType } from './media-type.ts'
import type { HttpDependencies, HttpSettings } from './ports.ts'
import { ownAddress } from './own-address.ts'
import type { RateLimits } from './rate-limits.ts'
import { send } from './reply.ts'
import { requireNoOtherSite, requireSameOrigin } from './same-origin.ts'
import { replyContext, stateOf, type RequestState } from './request-state.ts'

/** What serving any operation needs. */
export type OperationParts = Pick<HttpDependencies, 'authenticator' | 'clock' | 'settings' | 'lifecycle'> & {
  budgets: BodyBudgets
  limits: RateLimits
  certificates: Pick<ClientCertificates, 'of'>
}

/** The handler of an operation whichever it is: the contract has checked what its own type says. */
export type AnyHandler = Handler<OperationId> & ((call: AnyCall) => ReturnType<Handler<OperationId>>)
type AnyCall = { [Key in keyof Call<OperationId>]: unknown }

type OperationBody = Exclude<Operation['body'], undefined>

/** What came with a request to tell who asks; of session and certificate at most one, and neither beside a token. */
interface SentCredentials {
  request: Request
  token: string | undefined
  session: SentSession | undefined
  certificate: PresentedCertificate | undefined
}

/** Serves one operation of the contract: who asks, then what is asked, then the answer. */
export function serveOperation(
  operation: Operation,
  validator: RequestValidator,
  handler: AnyHandler,
  parts: OperationParts,
): RequestHandler {
  const idempotent = operation.parameters.some(({ name }) => name === 'Idempotency-Key')
  return async (request, response) => {
    const state = stateOf(response)
    state.operation = operation.id
    const token = tokenOf(request)
    const session = operation.scope === undefined ? undefined : sessionOf(request, parts.settings.publicUrl)
    const certificate = session || request.headers.authorization !== undefined ? undefined : parts.certificates.of(request)
    state.tokenSent = (token ?? session) !== undefined
    await admit(operation, { request, token, session, certificate }, state, parts)

    const { query, params } = request
    validator.query(query)
    validator.path(params)
    // Held until the request has been served, also if nobody waits for the answer any more: that is how long it takes memory.
    using held = operation.body && parts.budgets[operation.body.kind].open(state.access?.principal.id ?? '')
    const bytes = operation.body && held && (await readOperationBody(operation.body, request, response, parts.settings, held))
    const body = operation.body && bytes && bodyValue(operation.body, bytes, request)
    validator.body(body)

    const reply = await handler({
      access: state.access,
      credential: session?.text ?? token ?? '',
      requestId: state.requestId,
      path: request.path,
      parameters: params,
      query,
      body,
      idempotency: idempotent
        ? idempotencyClaim({
            key: request.get('idempotency-key'),
            access: state.access,
            method: request.method,
            path: request.path,
            query,
            body: bytes ? withoutBoundary(bytes, request.headers['content-type']) : new Uint8Array(),
            now: parts.clock.now(),
          })
        : undefined,
      request,
    })
    send(response, reply, replyContext(request, response, abandonBody(request) || parts.lifecycle.draining))
  }
}

/**
 * Learns who asks, and that they may; looks at nothing else of the request.
 * @throws {AppError} `cross_site`, `scope_missing`, `rate_limited`, or what the authenticator throws
 */
async function admit(operation: Operation, sent: SentCredentials, state: RequestState, parts: OperationParts): Promise<void> {
  const { scope, openToPeople, rateLimited } = operation
  const { limits, clock } = parts
  if (rateLimited) limits.spendAddress(state.address, clock.now())
  if (scope === undefined) return
  try {
    state.access = await authenticate(sent, state.address, parts)
    state.tokenExpires = nearEnd(state.access, clock.now())
    if (rateLimited) limits.spendPrincipal(state.access.principal.id, clock.now())
    if (scope !== 'any' && !(openToPeople && state.access.person === 'proven')) requireScope(state.access, scope)
  } catch (error) {
    if (!rateLimited) limits.spendAddress(state.address, clock.now())
    throw error
  }
}

/** A token counts before all else; what a browser sends by itself has to come from no other site. */
function authenticate(sent: SentCredentials, address: string, { authenticator, settings }: OperationParts): Promise<Access> {
  const { request, token, session, certificate } = sent
  if (session) {
    requireSameOrigin(request, session.own)
    return authenticator.authenticateSession(session.text, address)
  }
  if (certificate) {
    requireNoOtherSite(request, ownAddress(request, settings.publicUrl))
    return authenticator.authenticateCertificate(certificate, address)
  }
  return authenticator.authenticate(token, address)
}

/** No bytes at all are no body where there need not be one. */
function bodyValue({ kind, required, calendar }: OperationBody, bytes: Uint8Array, request: Request): unknown {
  if (kind !== 'json') return bytes
  if (calendar && isCalendarType(request.headers['content-type'])) return readCalendarBody(bytes)
  return required || bytes.byteLength > 0 ? parseJsonBody(bytes) : undefined
}

function readOperationBody(
  { kind, calendar }: OperationBody,
  request: Request,
  response: Response,
  settings: HttpSettings,
  held: HeldBytes,
): Promise<Uint8Array> {
  const type = request.headers['content-type']
  if (kind === 'report') checkReportType(type)
  else if (kind === 'json' && (!calendar || !isCalendarType(type))) checkJsonType(type)
  const limits = {
    json: { maxBytes: settings.maxJsonBytes, deadlineMs: settings.jsonDeadlineMs },
    report: { maxBytes: settings.maxReportBytes, deadlineMs: settings.reportDeadlineMs },
    policy: { maxBytes: settings.maxPolicyBytes, deadlineMs: settings.reportDeadlineMs },
  }[kind]
  const { bodyStallMs: stallMs, bodyWindowMs: windowMs, minBodyBytesPerSecond: minBytesPerSecond } = settings
  return readBody(request, response, { ...limits, stallMs, windowMs, minBytesPerSecond }, held)
}
