import { equal, match, notEqual } from 'node:assert/strict'
import { describe, it } from 'node:test'

import { requestIdOf } from '../../../src/http/request-id.ts'

describe('A request id', () => {
  it('is taken over from the caller', () => {
    for (const id of ['a', 'run/4711:1', 'A-Z_0.9+=', 'x'.repeat(128)]) equal(requestIdOf(id), id)
  })

  it('is made where the caller gave none, or one that could harm a header or a log', () => {
    for (const id of [undefined, '', 'x'.repeat(129), 'a b', 'a\r\nset-cookie: x', '{"a":1}', 'ä', '\u001b[31m']) {
      match(requestIdOf(id), /^[0-9a-f-]{36}$/)
      notEqual(requestIdOf(id), requestIdOf(id))
    }
  })
})
