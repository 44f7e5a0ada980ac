import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import fc from 'fast-check'

import { AppError } from '../../../src/core/app-error.ts'
import { decodeUtf8, DEFAULT_JSON_LIMITS, parseBoundedJson } from '../../../src/core/bounded-json.ts'

function refusal(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    assert.ok(error instanceof AppError)
    return String(error.code)
  }
  return 'accepted'
}

describe('bounded JSON', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        assert.deepEqual(parseBoundedJson(text), JSON.parse(text))
      }),
    )
  })

  it('refuses nesting beyond the limit without recursing into it', () => {
    assert.equal(
      refusal(() => parseBoundedJson('['.repeat(1_000_000))),
      'json_too_deep',
    )
    assert.equal(
      refusal(() => parseBoundedJson(`${'['.repeat(128)}${']'.repeat(128)}`)),
      'accepted',
    )
    assert.equal(
      refusal(() => parseBoundedJson(`${'['.repeat(129)}${']'.repeat(129)}`)),
      'json_too_deep',
    )
  })

  it('does not count brackets inside strings, escaped quotes or not', () => {
    assert.equal(
      refusal(() => parseBoundedJson(JSON.stringify('\\"['.repeat(500)))),
      'accepted',
    )
  })

  it('refuses an object that names a member twice, however it is written', () => {
    for (const text of ['{"a":1,"a":1}', '[{"b":{"a":[],"\\u0061":[1]}}]', '{"__proto__":{"a":1},"__proto__":{}}']) {
      assert.equal(
        refusal(() => parseBoundedJson(text)),
        'json_duplicate_member',
        text,
      )
    }
    assert.throws(() => parseBoundedJson('{"a":{"\\u0052esults" :[1],"x":"Results:","Results":[]}}'), { message: /"Results" twice/ })
    assert.deepEqual(parseBoundedJson('{"a:b":{"a":":"},"c":[{"a":1},{"a":2}]}'), { 'a:b': { a: ':' }, c: [{ a: 1 }, { a: 2 }] })
  })

  it('refuses strings beyond the limit', () => {
    const limits = { ...DEFAULT_JSON_LIMITS, maxDepth: 8, maxStringLength: 10 }
    assert.equal(
      refusal(() => parseBoundedJson('["0123456789"]', limits)),
      'accepted',
    )
    assert.equal(
      refusal(() => parseBoundedJson('["01234567890"]', limits)),
      'json_string_too_long',
    )
  })

  it('refuses a number that would become infinite, naming its place', () => {
    for (const [text, field] of [
      ['1e999', 'body'],
      ['{"context":{"risk":1e999}}', 'body.context.risk'],
      ['{"context":{"__proto__":[0,-1e400]}}', 'body.context.__proto__.1'],
      [`[${'9'.repeat(310)}]`, 'body.0'],
    ] as const) {
      assert.throws(() => parseBoundedJson(text), { code: 'json_number_too_large', field }, text)
    }
    assert.deepEqual(parseBoundedJson('[1.7976931348623157e308,1e-999,"1e999"]'), [Number.MAX_VALUE, 0, '1e999'])
  })

  it('refuses half a surrogate pair, which canonical JSON cannot hold', () => {
    assert.equal(
      refusal(() => parseBoundedJson('{"a": ["\\ud800"]}')),
      'json_malformed',
    )
    assert.equal(
      refusal(() => parseBoundedJson('{"\\udc00": 1}')),
      'json_malformed',
    )
    assert.equal(
      refusal(() => parseBoundedJson('"\\ud83d\\ude00"')),
      'accepted',
    )
  })

  it('never quotes the text, which may hold a secret', () => {
    try {
      parseBoundedJson('{"token": hunter2}')
      assert.fail('it was accepted')
    } catch (error) {
      assert.ok(error instanceof AppError && !error.message.includes('hunter2') && error.cause === undefined, String(error))
    }
  })

  it('refuses truncated text and bytes that are not UTF-8', () => {
    assert.equal(
      refusal(() => parseBoundedJson('{"a": "b')),
      'json_malformed',
    )
    assert.equal(
      refusal(() => decodeUtf8(Uint8Array.of(0xff, 0xfe, 0x7b))),
      'json_not_utf8',
    )
  })
})
