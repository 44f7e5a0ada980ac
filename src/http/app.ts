import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler, type Response } from 'express'

import { AppError } from '../core/app-error.ts'
import { abandonBody } from './body.ts'
import { bodyBudgets } from './body-budget.ts'
import type { Handlers } from './call.ts'
import { ClientCertificates } from './client-certificates.ts'
import { readContract, type ContractDocument, type Operation } from './contract/document.ts'
import { requestValidators, type ContractErrorCode } from './contract/validation.ts'
import { serveOperation, type AnyHandler } from './operation.ts'
import { problemPage } from './pages/problem-page.ts'
import type { HttpDependencies } from './ports.ts'
import { problemHeaders, problemOf, type HttpErrorCode } from './problem.ts'
import { parseQuery } from './query-string.ts'
import { refuseTokensInUrl } from './url-tokens.ts'
import { RateLimits } from './rate-limits.ts'
import { empty, send, type Reply } from './reply.ts'
import { logRequest } from './request-log.ts'
import { requestIdOf } from './request-id.ts'
import { replyContext, stateOf, type RequestState } from './request-state.ts'
import { approvalRoutes } from './routes/approvals.ts'
import { auditRoutes } from './routes/audit.ts'
import { backtestRoutes } from './routes/backtests.ts'
import { baselineRoutes } from './routes/baselines.ts'
import { bindingRoutes } from './routes/bindings.ts'
import { blockRoutes } from './routes/blocks.ts'
import { changeRoutes } from './routes/changes.ts'
import { createDecision } from './routes/create-decision.ts'
import { decisionRoutes } from './routes/decisions.ts'
import { deploymentRoutes } from './routes/deployments.ts'
import { documentationRoutes } from './routes/documentation.ts'
import { reviewRoutes } from './routes/reviews.ts'
import { environmentRoutes } from './routes/environments.ts'
import { waiverRoutes } from './routes/waivers.ts'
import { resourceRoutes } from './routes/resources.ts'
import { schemaRoutes } from './routes/schemas.ts'
import { evidenceRoutes } from './routes/evidence.ts'
import { freezeRoutes } from './routes/freezes.ts'
import { issuerRoutes } from './routes/issuers.ts'
import { loginRoutes } from './routes/login.ts'
import { operationsRoutes } from './routes/operations.ts'
import { policyRoutes } from './routes/policies.ts'
import { principalRoutes } from './routes/principals.ts'
import { projectRoutes } from './routes/projects.ts'
import { receiveSonarqube } from './routes/receive-sonarqube.ts'
import { submitEvidence } from './routes/submit-evidence.ts'
import { teamRoutes } from './routes/teams.ts'
import { tokenRoutes } from './routes/tokens.ts'
import { whoami } from './routes/whoami.ts'
import { windowRoutes } from './routes/windows.ts'

/**
 * The HTTP interface: every operation of `openapi.yaml`, in its order, and problems for everything else.
 * Reads the contract and compiles its validators; listens to nothing.
 */
export function createHttpApp(dependencies: HttpDependencies): Express {
  const contract = readContract()
  const app = express()
  app.disable('x-powered-by').disable('etag')
  app.enable('case sensitive routing').enable('strict routing')
  app.set('query parser', parseQuery)
  app.set('trust proxy', [...dependencies.settings.trustedProxies])
  const limits = new RateLimits(dependencies.settings, dependencies.metrics)
  app.use(begin(dependencies))
  serveContract(app, contract, createHandlers(dependencies, contract), dependencies, limits)
  app.use((_request, response) => {
    limits.spendAddress(stateOf(response).address, dependencies.clock.now())
    throw new AppError<HttpErrorCode>('path_unknown', 'There is nothing at this path.', {
      remedy: 'GET /docs lists all paths; letter case counts.',
    })
  })
  app.use(answerProblem(dependencies))
  return app
}

function createHandlers(dependencies: HttpDependencies, contract: ContractDocument): Handlers {
  return {
    ...createDecision(dependencies),
    ...decisionRoutes(dependencies),
    ...reviewRoutes(dependencies),
    ...waiverRoutes(dependencies),
    ...approvalRoutes(dependencies),
    ...deploymentRoutes(dependencies),
    ...environmentRoutes(dependencies),
    ...submitEvidence(dependencies),
    ...receiveSonarqube(dependencies),
    ...evidenceRoutes(dependencies),
    ...bindingRoutes(dependencies),
    ...baselineRoutes(dependencies),
    ...blockRoutes(dependencies),
    ...projectRoutes(dependencies),
    ...teamRoutes(dependencies),
    ...windowRoutes(dependencies),
    ...freezeRoutes(dependencies),
    ...resourceRoutes(dependencies),
    ...policyRoutes(dependencies),
    ...backtestRoutes(dependencies),
    ...auditRoutes(dependencies),
    ...tokenRoutes(dependencies),
    ...principalRoutes(dependencies),
    ...issuerRoutes(dependencies),
    ...whoami(),
    ...changeRoutes(dependencies),
    ...loginRoutes(dependencies),
    ...operationsRoutes(dependencies),
    ...documentationRoutes(contract),
    ...schemaRoutes(contract),
  }
}

/** What pipelines wait for. */
const HOT_PATH = ['createDecision', 'submitEvidence'] as const

function serveContract(
  app: Express,
  contract: ContractDocument,
  handlers: Handlers,
  dependencies: HttpDependencies,
  limits: RateLimits,
): void {
  const validators = requestValidators(contract, HOT_PATH)
  const parts = { ...dependencies, budgets: bodyBudgets(dependencies.settings), limits, certificates: clientCertificates(app) }
  for (const [path, operations] of Map.groupBy(contract.operations, (operation) => operation.path)) {
    const route = app.route(expressPath(path))
    for (const operation of operations) {
      const validator = validators.get(operation.id)
      if (!validator) throw new Error(`${operation.id} has no validator`)
      route[operation.method](serveOperation(operation, validator, handlers[operation.id] as AnyHandler, parts))
    }
    route.all(otherMethods(operations, dependencies, limits))
  }
}

function clientCertificates(app: Express): ClientCertificates {
  const isTrusted = app.get('trust proxy fn') as (address: string, hop: number) => boolean
  return new ClientCertificates((address) => isTrusted(address, 0))
}

/** `/v1/decisions/{id}` → `/v1/decisions/:id` */
function expressPath(template: string): string {
  return template.replaceAll(/\{(\w+)\}/g, ':$1')
}

const PROBES: readonly string[] = ['/healthz', '/readyz']

/** Gives the request its id and its log line, and refuses it if its query gives a secret away, or too many are in progress. */
function begin({ lifecycle, metrics, logger, settings }: HttpDependencies): RequestHandler {
  return (request, response, next) => {
    const state: RequestState = {
      requestId: requestIdOf(request.get('x-request-id')),
      startedAt: performance.now(),
      operation: 'unknown',
      address: request.ip ?? '',
      access: undefined,
      tokenExpires: undefined,
      tokenSent: false,
      code: undefined,
    }
    response.locals = state
    lifecycle.started()
    metrics.started()
    response.once('close', () => {
      const elapsedMs = performance.now() - state.startedAt
      metrics.finished(state.operation, response.statusCode, elapsedMs / 1000)
      logRequest(logger, request, response, state, elapsedMs)
      lifecycle.finished()
    })
    refuseTokensInUrl(request.url)
    if (lifecycle.inFlight > settings.maxInFlight && !PROBES.includes(request.path)) {
      throw new AppError<HttpErrorCode>('overloaded', 'Too many requests are in progress.', { remedy: 'Try again in a second.' })
    }
    next()
  }
}

/** OPTIONS tells the methods of a path; any other that it doesn't have is refused. */
function otherMethods(operations: readonly Operation[], dependencies: HttpDependencies, limits: RateLimits): RequestHandler {
  const methods = operations.flatMap(({ method }) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]))
  const allow = [...methods, 'OPTIONS'].join(', ')
  return (request, response) => {
    limits.spendAddress(stateOf(response).address, dependencies.clock.now())
    const reply = request.method === 'OPTIONS' ? empty(204, { allow }) : problemReply(methodNotAllowed(allow), request, response, { allow })
    send(response, reply, replyContext(request, response, abandonBody(request) || dependencies.lifecycle.draining))
  }
}

function methodNotAllowed(allow: string): AppError<HttpErrorCode> {
  return new AppError('method_not_allowed', 'This path does not have the method.', { remedy: `It has: ${allow}.` })
}

/** Answers whatever was thrown with a problem. What is unexpected is logged in full, and told to nobody. */
function answerProblem(dependencies: HttpDependencies): ErrorRequestHandler {
  const { lifecycle, logger } = dependencies
  return (thrown, request, response, _next) => {
    const error: unknown = thrown instanceof URIError ? undecodablePath(thrown) : thrown
    const reply = problemReply(error, request, response)
    noteRefusal(reply.status, stateOf(response), dependencies)
    if (reply.status >= 500) logger.error({ err: error, requestId: stateOf(response).requestId }, 'request failed')
    if (response.headersSent) {
      response.destroy()
      return
    }
    // Whoever was too slow isn't listened to any longer.
    const last = reply.status === 408 || abandonBody(request) || lifecycle.draining
    send(response, reply, replyContext(request, response, last))
  }
}

/** What a principal may not do goes into the log, and who asks too often. Refused logins are noted where they are. */
function noteRefusal(status: number, { access, operation, code, address }: RequestState, { refusals, metrics }: HttpDependencies): void {
  if (code === 'too_many_failed_logins') metrics.rateLimited('login')
  else if (code === 'rate_limited' || (code !== undefined && status === 403 && access))
    refusals.access({ principalId: access?.principal.id, operation, code, address })
}

function undecodablePath(cause: URIError): AppError<ContractErrorCode> {
  return new AppError('invalid_parameter', 'The path holds broken percent-encoding.', {
    field: 'path',
    remedy: 'Percent-encode each part of the path once, as UTF-8.',
    cause,
  })
}

/** @param more headers besides those of the problem */
function problemReply(error: unknown, request: Request, response: Response, more: Readonly<Record<string, string>> = {}): Reply {
  const state = stateOf(response)
  const problem = problemOf(error, request.path, state.requestId)
  state.code = problem.code
  const headers = { ...problemHeaders(problem, error, state.tokenSent), ...more }
  if (isForPeople(request)) {
    const page = problemPage(problem)
    return { ...page, headers: { ...page.headers, ...headers } }
  }
  return { status: problem.status, contentType: 'application/problem+json; charset=utf-8', body: JSON.stringify(problem), headers }
}

/** Where browsers are led through, rather than programs. */
function isForPeople(request: Request): boolean {
  return request.path.startsWith('/auth/') && request.accepts(['application/problem+json', 'application/json', 'text/html']) === 'text/html'
}
