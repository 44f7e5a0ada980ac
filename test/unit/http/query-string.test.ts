import { deepEqual, equal, throws } from 'node:assert/strict'
import { describe, it } from 'node:test'

import { parseQuery } from '../../../src/http/query-string.ts'

const parsed = (text: string): object => ({ ...parseQuery(text) })

describe('A query string', () => {
  it('is percent-decoded only: a plus sign stays one', () => {
    deepEqual(parsed('subject=git+https://h/r@abc&from=2026-11-01T00:00:00+01:00'), {
      subject: 'git+https://h/r@abc',
      from: '2026-11-01T00:00:00+01:00',
    })
    deepEqual(parsed('name=a%2Bb%20c'), { name: 'a+b c' })
  })

  it('may be empty or missing, and hold empty parts and parameters without a value', () => {
    deepEqual(parsed(''), {})
    deepEqual({ ...parseQuery(null) }, {})
    deepEqual(parsed('&a&&b='), { a: '', b: '' })
  })

  it('keeps the equals signs of a value', () => deepEqual(parsed('cursor=YQ=='), { cursor: 'YQ==' }))

  it('gives names no meaning: prototype keys are names like any other', () => {
    const query = parseQuery('__proto__=x&constructor=y')
    equal(Object.getPrototypeOf(query), null)
    deepEqual(Object.keys(query), ['__proto__', 'constructor'])
    equal(({} as Record<string, unknown>)['x'], undefined)
  })

  it('is refused if a parameter is given twice, however it is spelled', () => {
    throws(() => parseQuery('stage=a&stage=b'), { code: 'invalid_parameter', field: 'query.stage' })
    throws(() => parseQuery('stage=a&st%61ge=b'), { code: 'invalid_parameter', field: 'query.stage' })
    throws(() => parseQuery('__proto__=a&__proto__=b'), { code: 'invalid_parameter' })
  })

  it('is refused if its encoding is broken or is not UTF-8', () => {
    for (const text of ['a=%', 'a=%2', 'a=%zz', 'a=%ff', '%c3%28=a']) throws(() => parseQuery(text), { code: 'invalid_parameter' }, text)
  })

  it('is refused if it holds a NUL, which no database keeps', () => throws(() => parseQuery('a=x%00'), { code: 'invalid_parameter' }))

  it('holds at most 64 parameters', () => {
    const many = (count: number): string => Array.from({ length: count }, (_, at) => `p${at}=1`).join('&')
    equal(Object.keys(parseQuery(many(64))).length, 64)
    throws(() => parseQuery(many(65)), { code: 'invalid_parameter' })
    throws(() => parseQuery('&'.repeat(10_000)), { code: 'invalid_parameter' })
  })
})
