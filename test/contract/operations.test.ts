import { deepEqual, doesNotMatch, equal, fail, match, ok } from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { AppError } from '../../src/core/app-error.ts'
import { readContract, type Operation } from '../../src/http/contract/document.ts'
import { PolicyRefusal } from '../../src/policy/authoring/refusal.ts'
import type { Client, Reply } from '../support/client.ts'
import { listen, type Listening } from './support/listening.ts'
import { SAMPLES, type SampleRequest } from './support/requests.ts'
import { ResponseChecker } from './support/responses.ts'
import { ADMIN, JOB, KNOWN_ID, NOBODY_S_JOB } from './support/stub-dependencies.ts'

const contract = readContract()
const checker = new ResponseChecker()
let service: Listening
/** Waits for no body. */
let impatient: Listening
/** Lets an address send four requests a second and a burst of eight; the clock of the stub domain stands still. */
let strict: Listening

/** Small limits, so that no test has to send much or wait long. */
before(async () => {
  service = await listen({ maxJsonBytes: 4096, maxReportBytes: 4096, maxPolicyBytes: 4096 })
  impatient = await listen({ jsonDeadlineMs: 100, reportDeadlineMs: 100 })
  strict = await listen({ ratePerAddress: 4 })
})
after(async () => {
  await service[Symbol.asyncDispose]()
  await impatient[Symbol.asyncDispose]()
  await strict[Symbol.asyncDispose]()
})

/** Everything that the stub domain does is a use case; these operations have none that could fail. */
const WITHOUT_USE_CASE = new Set([
  'getHealth',
  'getReadiness',
  'getMetrics',
  'getOpenapi',
  'getDocs',
  'getDocsAsset',
  'getFormatSchema',
  'getResourceSchema',
  'getPolicyInputSchema',
  'whoami',
])

for (const operation of contract.operations) {
  const { id, scope, body, responses } = operation
  const sample = SAMPLES[id]

  describe(`${operation.method.toUpperCase()} ${operation.path} (${id})`, () => {
    it('answers with success, as the contract says', async () => {
      const reply = await ask(operation, sample)
      ok(isSuccess(reply), `${reply.status} ${reply.text}`)
      checker.check(id, reply)
    })

    if (sample.other) {
      it('answers with its other success', async () => {
        const reply = await ask(operation, { ...sample, ...sample.other })
        ok(isSuccess(reply))
        checker.check(id, reply)
      })
    }

    if (sample.waiting !== undefined) {
      it('answers with the change that waits for a second person', async () => {
        const reply = await ask(operation, { ...sample, path: sample.waiting ?? '' })
        checker.check(id, reply)
        deepEqual([reply.status, reply.headers.get('location')], [202, `/v1/changes/${KNOWN_ID}`])
      })
    }

    if (operation.rateLimited) {
      it('refuses more requests of one address than it may send, and says when to come back', async () => {
        let reply = await ask(operation, sample, strict.client)
        while (reply.status !== 429) reply = await ask(operation, sample, strict.client)
        expectProblem(operation, reply, 429, 'rate_limited')
        equal(reply.headers.get('retry-after'), '1')
      })
    }

    it('refuses a token in the query, whatever else is wrong', async () => {
      const path = `${sample.path}${sample.path.includes('?') ? '&' : '?'}surprise=1&access_token=x`
      expectProblem(operation, await ask(operation, { ...sample, path }, service.client.as(undefined)), 400, 'token_in_query')
    })

    it(operation.foreignQuery ? 'ignores parameters of others' : 'refuses a query parameter that it does not know', async () => {
      const reply = await ask(operation, { ...sample, path: `${sample.path}${sample.path.includes('?') ? '&' : '?'}surprise=1` })
      if (operation.foreignQuery) {
        ok(isSuccess(reply))
        return
      }
      expectProblem(operation, reply, 400, 'invalid_parameter')
      equal(reply.json()['field'], 'query.surprise')
    })

    if (sample.malformed !== undefined) {
      it('refuses a name or id that cannot be one', async () => {
        expectProblem(operation, await ask(operation, { ...sample, path: sample.malformed ?? '' }), 400, 'invalid_parameter')
      })
    }

    if (sample.unknown !== undefined) {
      it('answers 404 for what does not exist', async () => {
        expectProblem(operation, await ask(operation, { ...sample, path: sample.unknown ?? '' }), 404)
      })
    }

    if (scope === undefined) {
      it('is public', async () => {
        ok(isSuccess(await ask(operation, sample, service.client.as(undefined))))
        ok(isSuccess(await ask(operation, sample, service.client.as('nonsense'))))
      })
    } else {
      it('refuses a missing and an unknown token', async () => {
        for (const token of [undefined, 'nonsense']) {
          const reply = await ask(operation, sample, service.client.as(token))
          expectProblem(operation, reply, 401, 'unauthenticated')
          match(reply.headers.get('www-authenticate') ?? '', /^Bearer/)
        }
      })

      it(scope === 'any' ? 'needs no scope' : `needs ${scope} and nothing else`, async () => {
        if (scope === 'any') {
          ok((await ask(operation, sample, service.client.as('scope:none'))).status < 300)
          return
        }
        const reply = await ask(operation, sample, service.client.as('scope:none'))
        expectProblem(operation, reply, 403, 'scope_missing')
        ok(reply.text.includes(scope))
        ok((await ask(operation, sample, service.client.as(`scope:${scope}`))).status < 300)
      })

      it('refuses the token of a job that no rule knows', async () => {
        expectProblem(operation, await ask(operation, sample, service.client.as(NOBODY_S_JOB)), 403, 'identity_unknown')
      })

      it('says nothing about the rest of a request that it does not authorise', async () => {
        const bad = { ...sample, path: `${sample.path}${sample.path.includes('?') ? '&' : '?'}surprise=1`, ...(body && { body: '{' }) }
        equal((await ask(operation, bad, service.client.as(undefined))).status, 401)
        if (scope !== 'any') equal((await ask(operation, bad, service.client.as('scope:none'))).status, 403)
      })
    }

    if (body?.required === false) {
      it('takes no body at all', async () => {
        const { path, headers = {} } = sample
        checker.check(id, await service.client.send(operation.method.toUpperCase(), path, undefined, { ...headers }))
        const typed = await service.client.send(operation.method.toUpperCase(), path, '', { 'content-type': 'application/json' })
        ok(typed.status < 300, typed.text)
      })
    }

    if (body?.kind === 'json') {
      it('refuses a body that is not JSON, does not fit, or is of another type', async () => {
        expectProblem(operation, await ask(operation, { ...sample, body: '{"a":' }), 400, 'json_malformed')
        expectProblem(operation, await ask(operation, { ...sample, body: sample.wrong ?? '' }), 422, 'invalid_body')
        expectProblem(operation, await ask(operation, { ...sample, headers: { 'content-type': 'text/html' } }), 415)
      })
    }

    if (body) {
      it('refuses a body that is too long or comes too slowly', async () => {
        expectProblem(operation, await ask(operation, { ...sample, body: ' '.repeat(5000) }), 413, 'body_too_large')
        expectProblem(operation, await slowly(operation, sample), 408, 'body_too_slow')
      })

      it('refuses a body in an encoding that it does not know', async () => {
        expectProblem(operation, await ask(operation, { ...sample, headers: { 'content-encoding': 'br' } }), 415, 'encoding_unsupported')
      })
    }

    if ('422' in responses && body?.kind === 'report') {
      it('tells what is wrong with a report', async () => {
        service.failNext(new AppError('report_empty', 'The report is empty.'))
        expectProblem(operation, await ask(operation, sample), 422, 'report_empty')
      })
    }

    if ('422' in responses && body?.kind === 'policy') {
      it('names everything that is wrong with a policy', async () => {
        const finding = { file: 'a.rego', line: 3, message: 'It calls http.send.', fix: 'Leave it out.' }
        service.failNext(new PolicyRefusal([{ code: 'builtin_banned', ...finding }]))
        const reply = await ask(operation, sample)
        expectProblem(operation, reply, 422, 'policy_refused')
        deepEqual(reply.json()['findings'], [{ code: 'builtin_banned', ...finding }])
      })
    }

    if ('422' in responses && !body && operation.method !== 'get') {
      it('tells what makes no sense in the path', async () => {
        service.failNext(new AppError('identity_malformed', 'The value of the identity is no login.'))
        expectProblem(operation, await ask(operation, sample), 422, 'identity_malformed')
      })
    }

    if (!body && operation.parameters.some(({ name }) => name === 'subject')) {
      it('refuses a list about what can be no subject', async () => {
        expectProblem(
          operation,
          await ask(operation, { ...sample, path: withQuery(sample.path, 'subject', 'latest') }),
          422,
          'subject_is_tag',
        )
      })
    }

    for (const filter of ['project', 'team']) {
      if (operation.parameters.some(({ name }) => name === filter)) {
        it(`refuses a list of a ${filter} that does not exist`, async () => {
          const reply = await ask(operation, { ...sample, path: withQuery(sample.path, filter, 'nobody') })
          expectProblem(operation, reply, 422, `${filter}_unknown`)
          equal(reply.json()['field'], `query.${filter}`)
        })
      }
    }

    if ('406' in responses) {
      it('refuses to answer in a type that it does not offer', async () => {
        expectProblem(operation, await ask(operation, { ...sample, headers: { accept: 'image/png' } }), 406, 'not_acceptable')
      })
    }

    if ('409' in responses) {
      it('tells of a conflict', async () => {
        service.failNext(new AppError('principal_name_taken', 'Another principal has this name.'))
        expectProblem(operation, await ask(operation, sample), 409, 'principal_name_taken')
      })
    }

    if (!WITHOUT_USE_CASE.has(id)) {
      it('answers 503 with Retry-After while the store takes no writes', async () => {
        service.failNext(new AppError('storage_unavailable', 'Full.', { cause: new Error('ENOSPC /srv/data') }))
        const reply = await ask(operation, sample)
        expectProblem(operation, reply, 503, 'storage_unavailable')
        match(reply.headers.get('retry-after') ?? '', /^\d+$/)
        doesNotMatch(reply.text, /ENOSPC/)
      })

      it('tells nothing about a failure that nobody expected', async () => {
        service.failNext(new TypeError('secret detail'))
        const reply = await ask(operation, sample)
        expectProblem(operation, reply, 500, 'internal')
        doesNotMatch(reply.text, /secret|TypeError|\.ts/)
      })
    }
  })
}

describe('The contract as a whole', () => {
  it('answers 503 while the service is not ready, and says what failed', async () => {
    service.ready.ok = false
    const reply = await service.client.as(undefined).get('/readyz')
    service.ready.ok = true
    equal(reply.status, 503)
    deepEqual(reply.json(), { ok: false, checks: { storage: 'failed' } })
    checker.check('getReadiness', reply)
  })

  it('answers 503 where too much is in progress', async () => {
    await using busy = await listen({ maxInFlight: 0 })
    for (const operation of contract.operations.filter(({ responses }) => '503' in responses)) {
      const reply = await ask(operation, SAMPLES[operation.id], busy.client)
      if (operation.id === 'getReadiness') equal(reply.status, 200)
      else expectProblem(operation, reply, 503, 'overloaded')
    }
  })

  it('answers 404 or 409 about the token of a CI job, which is not kept', async () => {
    const job = service.client.as(JOB)
    const shown = await job.get('/v1/tokens/self')
    equal(shown.status, 404)
    checker.check('getOwnToken', shown)
    const replaced = await job.send('POST', '/v1/tokens/self/rotate')
    deepEqual([replaced.status, replaced.json()['code']], [409, 'token_not_replaceable'])
  })

  it('answers 403 where everybody may ask, but not about others', async () => {
    for (const operation of contract.operations.filter(({ id }) => id === 'listTokens' || id === 'getToken')) {
      service.failNext(new AppError('scope_missing', 'This needs the scope tokens:manage.'))
      expectProblem(operation, await ask(operation, SAMPLES[operation.id]), 403, 'scope_missing')
    }
  })

  it('answers 422 to who asks for the way back of no repository', async () => {
    const operation = contract.operations.find(({ id }) => id === 'getRollbackTarget')
    ok(operation)
    service.failNext(new AppError('repository_missing', 'The request names none.'))
    expectProblem(operation, await ask(operation, SAMPLES.getRollbackTarget), 422, 'repository_missing')
  })

  it('answers 404 where a webhook is not set up', async () => {
    await using unset = await listen({ sonarqubeSecret: undefined })
    const operation = contract.operations.find(({ id }) => id === 'receiveSonarqube')
    ok(operation)
    expectProblem(operation, await ask(operation, SAMPLES.receiveSonarqube, unset.client), 404, 'webhook_not_configured')
  })

  it('tells why nobody can log in', async () => {
    const operationOf = (id: string): Operation => contract.operations.find((each) => each.id === id) ?? fail(id)
    for (const [status, code] of [
      [502, 'login_provider_failed'],
      [403, 'not_entitled'],
    ] as const) {
      service.failNext(new AppError(code, 'No.'))
      expectProblem(operationOf('completeLogin'), await ask(operationOf('completeLogin'), SAMPLES.completeLogin), status, code)
    }
    service.failNext(new AppError('login_provider_failed', 'No.'))
    expectProblem(operationOf('logIn'), await ask(operationOf('logIn'), SAMPLES.logIn), 502, 'login_provider_failed')
    const foreign = { ...SAMPLES.logOut, headers: { ...SAMPLES.logOut.headers, 'sec-fetch-site': 'cross-site' } }
    expectProblem(operationOf('logOut'), await ask(operationOf('logOut'), foreign), 403, 'cross_site')
    await using plain = await listen({ publicUrl: 'http://gate.example.com' })
    for (const [id, path] of [
      ['logIn', '/auth/login?issuer=okta'],
      ['completeLogin', SAMPLES.completeLogin.path],
    ] as const)
      expectProblem(operationOf(id), await ask(operationOf(id), { path }, plain.client), 422, 'login_unavailable')
  })

  it('declares no status that was not seen', () => deepEqual([...checker.declared().difference(checker.seen)], []))
})

/** Logins end in another place. */
function isSuccess({ status }: Reply): boolean {
  return status >= 200 && status < 400
}

function ask(operation: Operation, sample: SampleRequest, client: Client = service.client): Promise<Reply> {
  const type: Record<string, string> = operation.body?.kind === 'json' ? { 'content-type': 'application/json' } : {}
  return client.send(operation.method.toUpperCase(), sample.path, sample.body, { ...type, ...sample.headers })
}

/** Announces a body and sends only its beginning. */
async function slowly({ method }: Operation, { path, body = '' }: SampleRequest): Promise<Reply> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const writer = writable.getWriter()
  void writer.write(Buffer.from(body.slice(0, 3))).catch(() => undefined)
  const response = await fetch(impatient.url + path, {
    method: method.toUpperCase(),
    headers: { authorization: `Bearer ${ADMIN}` },
    body: readable,
    duplex: 'half',
  })
  const text = await response.text()
  void writer.abort().catch(() => undefined)
  return { status: response.status, headers: response.headers, text, json: <Body>() => JSON.parse(text) as Body }
}

function expectProblem(operation: Operation, reply: Reply, status: number, code?: string): void {
  equal(reply.status, status, reply.text)
  equal(reply.headers.get('content-type'), 'application/problem+json; charset=utf-8')
  const problem = reply.json()
  equal(problem['status'], status)
  if (code !== undefined) equal(problem['code'], code)
  equal(problem['requestId'], reply.headers.get('x-request-id'))
  checker.check(operation.id, reply)
}

function withQuery(path: string, name: string, value: string): string {
  const [plain = '', query = ''] = path.split('?')
  const parameters = new URLSearchParams(query)
  parameters.set(name, value)
  return `${plain}?${parameters.toString()}`
}
