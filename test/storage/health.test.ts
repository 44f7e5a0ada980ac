import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { storageUnavailable } from '../../src/storage/errors.ts'
import { Health, type HealthParts } from '../../src/storage/health.ts'
import { forEachEngine, LOG_CREATED } from '../support/storage.ts'

/** Storage in which small writes always fit. */
function almostFull(): HealthParts & { full: boolean; tried: number[] } {
  const parts = {
    full: true,
    tried: [] as number[],
    session: { all: async () => [{ value: 'x' }] },
    writer: { submit: async () => undefined as never },
    room: {
      assertFree: async () => undefined,
      tryWrite: async (bytes: number) => {
        parts.tried.push(bytes)
        if (parts.full) throw storageUnavailable('no room')
      },
    },
  }
  return parts
}

await forEachEngine('The health of storage', (engine) => {
  it('is doubted after a write failed, and good again after a large one has proved it', async () => {
    let failures = 0
    await using storage = await engine.open(undefined, { hooks: { failed: () => void failures++ } })
    const unwritable = { ...LOG_CREATED, body: { ...LOG_CREATED.body, size: 1n as never } }
    await assert.rejects(storage.entries.append([unwritable]))
    assert.equal(failures, 1)
    await storage.health()
    await storage.health()
  })
})

describe('The health of storage', () => {
  it('is restored after a failed write only by one of some size', async () => {
    const parts = almostFull()
    const health = new Health()
    await health.check(parts)
    assert.deepEqual(parts.tried, [], 'nothing failed yet')
    health.noteFailure()
    await assert.rejects(health.check(parts), { code: 'storage_unavailable' })
    await assert.rejects(health.check(parts), { code: 'storage_unavailable' })
    parts.full = false
    await health.check(parts)
    await health.check(parts)
    assert.deepEqual(parts.tried, [1_048_576, 1_048_576, 1_048_576])
  })

  it('is doubted again if a write fails while it is checked', async () => {
    const parts = almostFull()
    parts.full = false
    const health = new Health()
    health.noteFailure()
    const checked = health.check(parts)
    health.noteFailure()
    await checked
    await health.check(parts)
    await health.check(parts)
    assert.equal(parts.tried.length, 2)
  })
})
