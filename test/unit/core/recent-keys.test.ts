import { equal, ok } from 'node:assert/strict'
import { describe, it } from 'node:test'

import { RecentKeys } from '../../../src/core/recent-keys.ts'

describe('Recent keys', () => {
  it('are the newest ones: at least as many as asked for, at most twice as many', () => {
    const keys = new RecentKeys(100)
    for (let i = 0; i < 1000; i++) {
      keys.add(`k${i}`)
      for (let back = 0; back < 100; back++) ok(i - back < 0 || keys.has(`k${i - back}`), `${i} - ${back}`)
    }
    const kept = Array.from({ length: 1000 }, (_, i) => keys.has(`k${i}`)).filter(Boolean).length
    ok(kept >= 100 && kept <= 200, String(kept))
  })

  it('can be taken out', () => {
    const keys = new RecentKeys(1)
    keys.add('a')
    keys.add('b')
    keys.delete('a')
    keys.delete('b')
    equal(keys.has('a') || keys.has('b'), false)
  })
})
