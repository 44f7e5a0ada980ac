import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { isAppError } from '../../../../src/core/app-error.ts'
import { GOOD, HOSTILE, ISSUERS } from './hostile-tokens.ts'
import { TestWorld } from './issuer.ts'

const world = new TestWorld()
world.configure(...ISSUERS)

describe('A hostile token', () => {
  it('is one of many, each a different one', () => {
    assert.ok(HOSTILE.length >= 70, `${HOSTILE.length}`)
    assert.equal(new Set(HOSTILE.map(([what]) => what)).size, HOSTILE.length)
  })

  for (const [what, token, code] of HOSTILE) {
    it(`is refused with ${code}: ${what}`, async () => {
      const sent = token()
      await assert.rejects(world.verifier.verify(sent), (error: unknown) => {
        assert.ok(isAppError(error), String(error))
        assert.equal(error.code, code)
        assertQuotesNothing(`${error.message} ${error.remedy}`, sent)
        return true
      })
    })
  }

  it('differs from good ones, which are accepted', async () => {
    for (const [what, token] of GOOD) assert.equal((await world.verifier.verify(token)).subject, 'repo:acme/cart', what)
  })
})

describe('A good token', () => {
  const [[, good] = ['', '']] = GOOD

  it('is refused with any one character changed', async () => {
    const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    for (const [at, character] of [...good].entries()) {
      if (character === '.') continue
      // The next one of the alphabet, so that the least bits differ, too.
      const other = characters[(characters.indexOf(character) + 1) % characters.length]
      const changed = `${good.slice(0, at)}${other}${good.slice(at + 1)}`
      await assert.rejects(world.verifier.verify(changed), isAppError, `character ${at}`)
    }
  })

  it('is refused cut short anywhere, or with anything behind it', async () => {
    for (let length = 0; length < good.length; length++) await assert.rejects(world.verifier.verify(good.slice(0, length)), isAppError)
    for (const rest of ['=', 'A', 'AA', 'AAA', 'AAAA', '.', '.A', ' ', '\0', ',', ';'])
      await assert.rejects(world.verifier.verify(good + rest), isAppError)
  })
})

/** No part of a token as it was sent, and no text in it of some length, stands in what is answered. */
function assertQuotesNothing(answer: string, token: string): void {
  const parts = token.split('.').filter((part) => part.length > 8)
  const values = ['evil.example.com', 'elsewhere', 'acme', 'dev/null', "'1'='1"]
  for (const secret of [...parts, ...values]) assert.ok(!answer.includes(secret), `${answer} quotes ${secret}`)
}
