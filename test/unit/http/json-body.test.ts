import { deepEqual, throws } from 'node:assert/strict'
import { describe, it } from 'node:test'

import { parseJsonBody } from '../../../src/http/json-body.ts'

const parse = (text: string): unknown => parseJsonBody(Buffer.from(text))

describe('A JSON body', () => {
  it('is parsed, with or without a byte order mark', () => {
    deepEqual(parse('{"a":[1]}'), { a: [1] })
    deepEqual(parse('\ufeff{"a":1}'), { a: 1 })
  })

  it('is refused if it is empty, cut short, or no JSON', () => {
    for (const text of ['', '{', '{"a":1}x', "{'a':1}", 'NaN']) throws(() => parse(text), { code: 'json_malformed' }, text)
  })

  it('is refused if it is not UTF-8', () => {
    throws(() => parseJsonBody(Buffer.from([0x22, 0xff, 0x22])), { code: 'json_not_utf8' })
    throws(() => parseJsonBody(Buffer.from('{"a":1}', 'utf16le')), { code: /json_/ })
  })

  it('is refused if it is nested deeper than 128 levels, before the parser could overflow', () => {
    parse('['.repeat(128) + ']'.repeat(128))
    throws(() => parse('['.repeat(129) + ']'.repeat(129)), { code: 'json_too_deep' })
    throws(() => parse('{"a":'.repeat(100_000)), { code: 'json_too_deep' })
  })

  it('holds no key __proto__ at any depth, however it is spelled', () => {
    const texts = [
      '{"__proto__":{}}',
      '{"a":[{"__proto__":1}]}',
      String.raw`{"\u005f_proto__":{}}`,
      String.raw`{"a":{"\u005F\u005F\u0070roto__":0}}`,
    ]
    for (const text of texts) throws(() => parse(text), { code: 'invalid_body' }, text)
  })

  it('holds no number that would not come back, and no member twice', () => {
    throws(() => parse('{"context":{"risk":1e999}}'), { code: 'json_number_too_large', field: 'body.context.risk' })
    throws(() => parse('{"stage":"test","stage":"production"}'), { code: 'json_duplicate_member', message: /"stage"/ })
  })

  it('holds no NUL, which no database keeps', () => {
    for (const text of [String.raw`{"a":"\u0000"}`, String.raw`{"a":[{"\u0000":1}]}`])
      throws(() => parse(text), { code: 'invalid_body' }, text)
  })

  it('may hold that word as a value, and other escapes as keys', () => {
    deepEqual(parse('{"a":"__proto__"}'), { a: '__proto__' })
    deepEqual(parse(String.raw`{"\u0061":1,"constructor":2}`), { a: 1, constructor: 2 })
  })
})
