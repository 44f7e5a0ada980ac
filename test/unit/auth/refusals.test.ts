import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { Refusals } from '../../../src/auth/refusals.ts'
import { MemoryTokens, TestClock } from './memory-tokens.ts'

interface Kept {
  store: MemoryTokens
  clock: TestClock
  refusals: Refusals
  failures: unknown[]
}

function keeping(): Kept {
  const store = new MemoryTokens()
  const clock = new TestClock()
  const failures: unknown[] = []
  return { store, clock, failures, refusals: new Refusals({ appender: store, clock, onFailure: (error) => failures.push(error) }) }
}

const access = { principalId: 'p1', operation: 'putBinding', code: 'scope_missing', address: '192.0.2.1' }

describe('What was refused', () => {
  it('is one entry for each principal, operation and code, with count and span; where somebody is known, without the address', async () => {
    const { store, clock, refusals } = keeping()
    refusals.access(access)
    clock.advance(1000)
    refusals.access({ ...access, address: '192.0.2.2' })
    refusals.access({ ...access, code: 'outside_confinement' })
    refusals.access({ ...access, operation: 'deleteBinding' })
    refusals.access({ ...access, principalId: 'p2' })
    await refusals[Symbol.asyncDispose]()
    const [first, ...others] = store.entries
    assert.equal(first?.type, 'access.refused')
    assert.equal(first.actor, 'p1')
    const { digest, ...body } = first.body
    assert.match(digest, /^sha256:/)
    assert.deepEqual(body, {
      principalId: 'p1',
      operation: 'putBinding',
      code: 'scope_missing',
      count: 2,
      from: '2026-05-01T12:00:00.000Z',
      to: '2026-05-01T12:00:01.000Z',
    })
    assert.deepEqual(first.detail, {})
    assert.equal(others.length, 3)
  })

  it('names the address, beside the leaf, where nobody is known to have asked', async () => {
    const { store, refusals } = keeping()
    refusals.access({ ...access, principalId: undefined, code: 'identity_unknown' })
    await refusals[Symbol.asyncDispose]()
    const [entry] = store.entries
    assert.equal(entry?.actor, 'system')
    assert.deepEqual(entry.detail, { address: '192.0.2.1' })
    assert.ok(!JSON.stringify(entry.body).includes('192.0.2.1'))
  })

  it('takes a bounded part of the log, whoever refusals are of', async () => {
    const { store, refusals } = keeping()
    for (let i = 0; i < 5000; i++) {
      refusals.access({ ...access, principalId: `p${i}` })
      refusals.access({ ...access, principalId: undefined, address: `192.0.2.${i}`, operation: `o${i % 50}` })
      refusals.login({ reason: 'token_unknown', address: 'x'.repeat(i), tokenId: undefined })
    }
    await refusals[Symbol.asyncDispose]()
    assert.ok(store.entries.length <= 230, String(store.entries.length))
    assert.equal(
      store.entries.reduce((sum, { body }) => sum + Number(body['count']), 0),
      15_000,
    )
    assert.ok(JSON.stringify(store.entries).length < 100_000)
  })

  it('is kept while it cannot be written', async () => {
    const { store, refusals, failures } = keeping()
    refusals.access(access)
    refusals.login({ reason: 'token_unknown', address: '192.0.2.1', tokenId: undefined })
    store.failure = new Error('disk full')
    await refusals.flush()
    assert.equal(failures.length, 1)
    refusals.access(access)
    store.failure = undefined
    await refusals[Symbol.asyncDispose]()
    assert.deepEqual(
      store.entries.map(({ type, body }) => [type, body['count']]),
      [
        ['login.refused', 1],
        ['access.refused', 2],
      ],
    )
    await refusals.flush()
    assert.equal(store.entries.length, 2)
  })
})
