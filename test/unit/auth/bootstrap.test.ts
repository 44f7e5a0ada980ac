import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'

import { makeFirstToken, takeGivenToken } from '../../../src/auth/bootstrap.ts'
import { SCOPES } from '../../../src/core/principal.ts'
import { TokenService } from '../../../src/auth/token-service.ts'
import { accessOf, authenticatorOf, MemoryTokens, TestClock } from './memory-tokens.ts'

const GIVEN = 'a-given-token-of-thirty-two-characters'
const OTHER = 'another-given-token-of-enough-characters'

describe('the first start', () => {
  let store = new MemoryTokens()
  const clock = new TestClock()

  beforeEach(() => {
    store = new MemoryTokens()
  })

  async function works(token: string): Promise<boolean> {
    await using authenticator = authenticatorOf(store, clock)
    const access = await authenticator.authenticate(token, '').catch(() => undefined)
    return access?.scopes.size === SCOPES.length && access.principal.name === 'admin'
  }

  async function make(): Promise<string | undefined> {
    let made: string | undefined
    await makeFirstToken(store, clock, (token) => (made = token))
    return made
  }

  it('leaves no token that nobody knows where it could not be handed over, and makes one the next time', async () => {
    const refuse = (): never => {
      throw new Error('no place to write it to')
    }
    await assert.rejects(makeFirstToken(store, clock, refuse), /no place/)
    assert.equal(store.entries.length, 0)
    const made = await make()
    assert.ok(made !== undefined && (await works(made)))
  })

  it('makes an administrator and a token that works, once', async () => {
    const made = await make()
    assert.ok(made !== undefined && (await works(made)))
    assert.deepEqual(
      store.entries.map(({ type, actor }) => [type, actor]),
      [
        ['principal.changed', 'system'],
        ['token.issued', 'system'],
      ],
    )
    assert.equal(await make(), undefined)
    assert.equal(store.entries.length, 2)
  })

  it('goes on where a start was cut off before the token', async () => {
    const person = {
      id: '0196a000-0000-7000-8000-0000000000aa',
      name: 'admin',
      kind: 'human',
      disabled: false,
      groups: [],
      identities: [],
      createdBy: 'system',
    } as const
    store.people.set(person.id, person)
    const made = await make()
    assert.ok(made !== undefined && (await works(made)))
    assert.equal(store.people.size, 1)
  })

  it('takes the given token as it is, and the same one again without any change', async () => {
    await takeGivenToken(store, clock, GIVEN)
    assert.ok(await works(GIVEN))
    const before = store.entries.length
    await takeGivenToken(store, clock, GIVEN)
    assert.equal(store.entries.length, before)
    assert.equal(await make(), undefined)
  })

  it('replaces the given token when the setting changed, and leaves other tokens alone', async () => {
    const made = await make()
    await takeGivenToken(store, clock, GIVEN)
    await takeGivenToken(store, clock, OTHER)
    assert.ok(made !== undefined && (await works(made)))
    assert.ok(await works(OTHER))
    assert.ok(!(await works(GIVEN)))
  })

  it('does not bring back a given token that was revoked', async () => {
    await takeGivenToken(store, clock, GIVEN)
    await takeGivenToken(store, clock, OTHER)
    await takeGivenToken(store, clock, GIVEN)
    assert.ok(!(await works(GIVEN)))
    assert.ok(await works(OTHER))
  })

  it('leaves the successor of a given token alone until the setting changes', async () => {
    await takeGivenToken(store, clock, GIVEN)
    const [given] = store.tokens.values()
    assert.ok(given)
    const access = { ...accessOf(SCOPES), credential: { kind: 'token', id: given.id } } as const
    const meta = { requestId: 'r-1', idempotency: undefined, credential: GIVEN }
    const successor = await new TokenService({ store, claims: store, clock, personalMaxDays: 30 }).rotate(access, given.id, 'PT0S', meta)
    assert.ok(successor)
    await takeGivenToken(store, clock, GIVEN)
    assert.deepEqual([await works(GIVEN), await works(successor.token)], [false, true])
    await takeGivenToken(store, clock, OTHER)
    assert.deepEqual([await works(OTHER), await works(successor.token)], [true, false])
  })

  it('agrees with a replica that starts at the same time', async () => {
    const put = store.putPrincipal.bind(store)
    store.putPrincipal = async (principal, cause) => {
      await put({ ...principal, id: '0196a000-0000-7000-8000-0000000000bb' }, cause)
      throw new Error('Another principal has this name.')
    }
    await takeGivenToken(store, clock, GIVEN)
    assert.ok(await works(GIVEN))
    assert.equal(store.people.size, 1)
  })
})
