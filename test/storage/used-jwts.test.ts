import assert from 'node:assert/strict'
import { it } from 'node:test'

import { MAX_CLOCK_SKEW_MS } from '../../src/core/clock.ts'
import { eventually } from '../support/eventually.ts'
import { forEachEngine } from '../support/storage.ts'
import { count } from './raw-database.ts'

const ISSUER = 'https://ci.example.com'
const UNTIL = Date.parse('2026-03-02T00:00:00.000Z')

await forEachEngine('A JWT that counts once', ({ open, place, name }) => {
  it('counts once, also after a restart', async () => {
    const where = await place()
    {
      await using storage = await open(where)
      assert.equal(await storage.replay.claimJti(ISSUER, 'one', UNTIL), true)
      assert.equal(await storage.replay.claimJti(ISSUER, 'one', UNTIL), false)
    }
    await using storage = await open(where)
    assert.equal(await storage.replay.claimJti(ISSUER, 'one', UNTIL), false)
  })

  it('counts once whatever end a second one claims', async () => {
    await using storage = await open()
    assert.equal(await storage.replay.claimJti(ISSUER, 'one', UNTIL), true)
    assert.equal(await storage.replay.claimJti(ISSUER, 'one', UNTIL + 1), false)
  })

  it('is another one with another id or issuer', async () => {
    await using storage = await open()
    for (const [issuer, id] of [
      [ISSUER, 'a'],
      [ISSUER, 'A'],
      [`${ISSUER}/`, 'a'],
      [`${ISSUER}","a`, ''],
      [ISSUER, 'a\u0000b'],
    ] as const) {
      assert.equal(await storage.replay.claimJti(issuer, id, UNTIL), true, `${issuer} ${id}`)
    }
  })

  it('has one winner of many at once', async () => {
    await using storage = await open()
    const claims = await Promise.all(Array.from({ length: 50 }, () => storage.replay.claimJti(ISSUER, 'one', UNTIL)))
    assert.equal(claims.filter((won) => won).length, 1)
  })

  it('is forgotten when no clock takes it for valid any more', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] })
    const where = await place()
    let now = UNTIL
    await using storage = await open(where, { clock: { now: () => now } })
    await storage.replay.claimJti(ISSUER, 'one', UNTIL)
    await storage.replay.claimJti(ISSUER, 'two', UNTIL + 1)
    t.mock.timers.tick(600_000)
    assert.equal(await storage.replay.claimJti(ISSUER, 'one', UNTIL), false)
    now = UNTIL + MAX_CLOCK_SKEW_MS
    t.mock.timers.tick(600_000)
    await eventually('one is left', async () => (await count(where, 'used_jwts')) === 1)
    assert.equal(await storage.replay.claimJti(ISSUER, 'two', UNTIL + 1), false)
  })

  // Two processes never share one SQLite database.
  if (name === 'SQLite') return
  it('has one winner on two replicas', async () => {
    const where = await place()
    await using one = await open(where)
    await using other = await open(where)
    for (let round = 0; round < 20; round++) {
      const claims = await Promise.all([one, other, one, other].map(({ replay }) => replay.claimJti(ISSUER, `token ${round}`, UNTIL)))
      assert.equal(claims.filter((won) => won).length, 1)
    }
  })
})
