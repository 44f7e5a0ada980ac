import { deepEqual, doesNotThrow, equal, ok, throws } from 'node:assert/strict'
import { describe, it } from 'node:test'

import { AppError } from '../../../../src/core/app-error.ts'
import { readContract, type OperationId } from '../../../../src/http/contract/document.ts'
import { requestValidators, type RequestValidator } from '../../../../src/http/contract/validation.ts'

const validators = requestValidators(readContract(), [])

function validator(id: OperationId): RequestValidator {
  const found = validators.get(id)
  ok(found)
  return found
}

function problem(run: () => void): { code: string; field: string | undefined; message: string; remedy: string | undefined } {
  try {
    run()
  } catch (error) {
    ok(error instanceof AppError)
    const { code, field, message, remedy } = error as AppError
    return { code, field, message, remedy }
  }
  throw new Error('it was accepted')
}

describe('A query', () => {
  it('becomes what the contract says: numbers are numbers, and defaults are filled in', () => {
    const query: Record<string, unknown> = { limit: '7', stage: 'production' }
    validator('listDecisions').query(query)
    deepEqual(query, { limit: 7, stage: 'production' })
    const empty: Record<string, unknown> = {}
    validator('listDecisions').query(empty)
    deepEqual(empty, { limit: 50 })
  })

  it('has numbers in decimal digits only', () => {
    for (const limit of ['0x10', '1e2', ' 5', '5 ', '+5', '5.0', '0b11', '5,0', '', '٥']) {
      throws(() => validator('listDecisions').query({ limit }), { code: 'invalid_parameter', field: 'query.limit' }, limit)
    }
    for (const index of ['0x1', '1e0', '%201', ' 1', '']) {
      throws(() => validator('getAuditReceipt').path({ index }), { code: 'invalid_parameter', field: 'path.index' }, index)
    }
  })

  it('is refused if a parameter is unknown, with those that are known', () => {
    const { field, remedy } = problem(() => validator('createDecision').query({ denystatus: '422' }))
    equal(field, 'query.denystatus')
    equal(remedy, 'Known here: denyStatus.')
  })

  it('is refused if a parameter is named like something of every object', () => {
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      const query = Object.create(null) as Record<string, unknown>
      query[name] = 'x'
      equal(problem(() => validator('listDecisions').query(query)).field, `query.${name}`)
    }
  })

  it('cuts an unknown name short before it is echoed', () => {
    const { field = '' } = problem(() => validator('listDecisions').query({ ['x'.repeat(10_000)]: '' }))
    ok(field.length < 200)
  })

  it('takes any denyStatus from 400 to 499 but those that clients repeat', () => {
    for (const status of ['400', '403', '409', '422', '499']) doesNotThrow(() => validator('createDecision').query({ denyStatus: status }))
    for (const status of ['399', '500', '408', '429', '200', 'x', '', '4e2x', '422.5'])
      throws(
        () => validator('createDecision').query({ denyStatus: status }),
        { code: 'invalid_parameter', field: 'query.denyStatus' },
        status,
      )
  })
})

describe('A body', () => {
  const decision =
    (body: unknown): (() => void) =>
    () =>
      validator('createDecision').body(body)

  it('is refused if a field is missing, unknown or of the wrong type, each named', () => {
    equal(problem(decision({ subject: 'x' })).field, 'body.stage')
    equal(problem(decision({ subject: 'x', stage: 'y', stagee: 'z' })).field, 'body.stagee')
    equal(problem(decision({ subject: 5, stage: 'y' })).field, 'body.subject')
    equal(problem(decision({ subject: 'x', stage: 'y', context: { labels: { 'team/a': 1 } } })).field, 'body.context.labels.team/a')
    equal(problem(decision([])).field, 'body')
    equal(problem(decision(null)).field, 'body')
  })

  it('is taken as it is: a number is not read from a string, nor a boolean from a word', () => {
    throws(decision({ subject: 'x', stage: 'y', dryRun: 'true' }), { code: 'invalid_body', field: 'body.dryRun' })
  })

  it('keeps what else the context says', () => doesNotThrow(decision({ subject: 'x', stage: 'y', context: { build: { agent: 7 } } })))

  it('of one operation is not that of another', () => {
    throws(() => validator('createToken').body({ subject: 'x', stage: 'y' }), { code: 'invalid_body' })
  })
})

describe('A path', () => {
  it('names things by ids that have the form of an id', () => {
    for (const id of ['..', '../../etc/passwd', '019A7C1E-6D7A-7C3E-9D52-0F4A3B2C1D0E', "' OR 1=1 --", ''])
      throws(() => validator('getDecision').path({ id }), { code: 'invalid_parameter', field: 'path.id' }, id)
  })

  it('counts log entries from 0', () => {
    const path: Record<string, unknown> = { index: '41' }
    validator('getAuditReceipt').path(path)
    deepEqual(path, { index: 41 })
    for (const index of ['-1', '1.5', 'x', '99999999999999999999'])
      throws(() => validator('getAuditReceipt').path({ index }), { code: 'invalid_parameter' }, index)
  })
})
