import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { decodeReport } from '../../../../src/evidence/decode-report.ts'
import { firstJsonObject, jsonObjects } from '../../../../src/evidence/parsers/json-stream.ts'
import { bytesOf } from '../reading.ts'

function objectsIn(text: string) {
  return jsonObjects(decodeReport(bytesOf(text)))
}

function firstIn(text: string) {
  return firstJsonObject(decodeReport(bytesOf(text)))
}

describe('a stream of JSON objects', () => {
  it('is read a line each, pretty-printed, or without anything in between', () => {
    const both = [{ a: 1 }, { b: { c: [2] } }]
    assert.deepEqual(objectsIn('{"a":1}\n{"b":{"c":[2]}}\n'), both)
    assert.deepEqual(objectsIn(both.map((item) => JSON.stringify(item, undefined, 2)).join('\r\n')), both)
    assert.deepEqual(objectsIn('\ufeff {"a":1}{"b":{"c":[2]}}'), both)
    assert.deepEqual(objectsIn('{"a":1}'), [{ a: 1 }])
  })

  it('is not misled by braces and quotes inside texts', () => {
    assert.deepEqual(objectsIn('{"a":"}{\\""}\n{"b":"\\\\"}'), [{ a: '}{"' }, { b: '\\' }])
  })

  it('is undefined if anything in it is no whole object', () => {
    for (const text of [
      '{"a":1}\n{"b":',
      '{"a":1}\nDone.',
      '{"a":1}\n[]',
      '{"a":1}}',
      '[1]',
      'null',
      '{"a":1}\n{"b":1,"b":2}',
      '{a:1}\n{}',
    ])
      assert.equal(objectsIn(text), undefined, text)
  })

  it('is known by its first object, whatever follows', () => {
    assert.deepEqual(firstIn('{"a":1}\n{"b":'), { a: 1 })
    assert.deepEqual(firstIn('{"a":1}'), { a: 1 })
    for (const text of ['[{"a":1}]', '"a"', 'a {"a":1}', '{"a":']) assert.equal(firstIn(text), undefined, text)
    assert.equal(firstIn(`{"a":"${'x'.repeat(2 * 1024 * 1024)}"}\n{}`), undefined)
  })
})
