import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import fc from 'fast-check'

import { CONTRIBUTOR_ROLES } from '../../../src/core/contributor.ts'
import { fourEyes, type FourEyesQuestion, type KnownContributor } from '../../../src/governance/four-eyes.ts'

const AUTHOR: KnownContributor = {
  ...{ role: 'author', forge: 'github.com', login: 'ann-acme', email: null },
  ...{ verified: true, principalId: 'ann', addressOwners: [] },
}

function question(over: Partial<FourEyesQuestion> = {}): FourEyesQuestion {
  return {
    approver: { principal: { id: 'ben' }, issuerIds: ['operator', 'system'], person: 'proven' },
    requester: { principal: { id: 'ci' }, issuerIds: ['operator', 'system'] },
    contributors: [AUTHOR],
    proof: 'declared',
    ...over,
  }
}

function reasons(over: Partial<FourEyesQuestion>): readonly string[] {
  return fourEyes(question(over)).reasons
}

describe('Four eyes', () => {
  it('see it if somebody else than requester and author approves', () => {
    assert.deepEqual(fourEyes(question()), { satisfied: true, reasons: [] })
  })

  it('are those of persons, who logged in where people do', () => {
    const approver = question().approver
    assert.deepEqual(reasons({ approver: { ...approver, person: null } }), ['approver_no_person'])
    assert.deepEqual(reasons({ approver: { ...approver, person: 'declared' } }), [])
    assert.deepEqual(reasons({ approver: { ...approver, person: 'declared' }, proof: 'proven' }), ['approver_not_proven'])
  })

  it('are not those of who asked for it, whoever’s hands the tokens went through', () => {
    const approver = question().approver
    assert.deepEqual(reasons({ requester: { principal: { id: 'ben' }, issuerIds: [] } }), ['own_request'])
    assert.deepEqual(reasons({ requester: { principal: { id: 'ci' }, issuerIds: ['ben'] } }), ['own_request'])
    assert.deepEqual(reasons({ approver: { ...approver, issuerIds: ['ci'] } }), ['own_request'])
  })

  it('are not those of anybody who took part, in whichever way that is known', () => {
    for (const role of CONTRIBUTOR_ROLES) {
      const mine = { ...AUTHOR, role, principalId: 'ben' }
      assert.deepEqual(reasons({ contributors: [AUTHOR, mine] }), ['own_work'], role)
      assert.deepEqual(reasons({ contributors: [AUTHOR, { ...mine, verified: false }] }), ['own_work'], `${role}, unverified`)
      const address = { ...AUTHOR, role, login: null, principalId: null, verified: false, addressOwners: ['ben'] }
      assert.deepEqual(reasons({ contributors: [AUTHOR, address] }), ['own_work'], `${role}, by address`)
    }
    const approver = { ...question().approver, issuerIds: ['ann'] }
    assert.deepEqual(reasons({ approver }), ['own_work'], 'the author handed out the token of the approver')
  })

  it('need an author by the word of somebody who counts; no address proves one', () => {
    assert.deepEqual(reasons({ contributors: [] }), ['author_unverified'])
    assert.deepEqual(reasons({ contributors: [{ ...AUTHOR, verified: false }] }), ['author_unverified'])
    assert.deepEqual(reasons({ contributors: [{ ...AUTHOR, role: 'merger' }] }), ['author_unverified'])
    const address = { ...AUTHOR, login: null, principalId: null, addressOwners: ['ann'], email: 'ann@example.com' }
    assert.deepEqual(reasons({ contributors: [address] }), ['author_unverified'])
  })

  it('need to know whose each verified login is: it could be the approver’s', () => {
    assert.deepEqual(reasons({ contributors: [{ ...AUTHOR, principalId: null }] }), ['contributor_unknown'])
    assert.deepEqual(reasons({ contributors: [AUTHOR, { ...AUTHOR, role: 'committer', principalId: null }] }), ['contributor_unknown'])
  })
})

const id = fc.constantFrom('ann', 'ben', 'carl', 'dora', 'eve', 'ci')
const contributor: fc.Arbitrary<KnownContributor> = fc.record({
  role: fc.constantFrom('author' as const, ...CONTRIBUTOR_ROLES),
  forge: fc.constant('github.com'),
  login: fc.option(fc.constantFrom('a', 'b')),
  email: fc.constant(null),
  verified: fc.boolean(),
  principalId: fc.option(id),
  addressOwners: fc.array(id, { maxLength: 1 }),
})
const owned = fc.record({ principal: fc.record({ id }), issuerIds: fc.array(id, { maxLength: 1 }) })
const questions: fc.Arbitrary<FourEyesQuestion> = fc.record({
  approver: fc
    .tuple(owned, fc.constantFrom('proven' as const, 'declared' as const, null))
    .map(([credential, person]) => ({ ...credential, person })),
  requester: owned,
  contributors: fc.array(contributor, { maxLength: 4 }),
  proof: fc.constantFrom('proven' as const, 'declared' as const),
})

/** Whatever is done to a question, one that was not met isn't met by that. */
function neverHelps<Extra>(extra: fc.Arbitrary<Extra>, done: (question: FourEyesQuestion, extra: Extra) => FourEyesQuestion): void {
  fc.assert(
    fc.property(questions, extra, (asked, more) => {
      return fourEyes(asked).satisfied || !fourEyes(done(asked, more)).satisfied
    }),
    { numRuns: 5000 },
  )
}

const isVerifiedAuthor = ({ role, verified, login }: KnownContributor): boolean => role === 'author' && verified && login !== null

describe('Four eyes are never met', () => {
  it('in so many ways that nothing would be left to be tested', () => {
    const met = fc.sample(questions, { numRuns: 5000, seed: 1 }).filter((asked) => fourEyes(asked).satisfied)
    assert.ok(met.length > 50, `only ${met.length} of 5000 are met`)
  })

  it('by naming somebody more, unless it is the first author that counts', () => {
    neverHelps(contributor, (asked, more) => {
      const first = isVerifiedAuthor(more) && !asked.contributors.some(isVerifiedAuthor)
      return first ? asked : { ...asked, contributors: [...asked.contributors, more] }
    })
  })

  it('by any address', () => {
    neverHelps(fc.tuple(contributor, fc.nat()), (asked, [{ addressOwners }, at]) => {
      const email = { ...AUTHOR, login: null, principalId: null, addressOwners }
      const contributors = asked.contributors.map((each, index) =>
        index === at % asked.contributors.length ? { ...each, addressOwners: [...each.addressOwners, ...addressOwners] } : each,
      )
      return { ...asked, contributors: [...contributors, email] }
    })
  })

  it('by linking a login to the approver', () => {
    neverHelps(fc.constantFrom('a', 'b'), (asked, login) => ({
      ...asked,
      contributors: asked.contributors.map((each) => (each.login === login ? { ...each, principalId: asked.approver.principal.id } : each)),
    }))
  })

  it('by whoever else had the credentials in their hands, or by proving less', () => {
    neverHelps(id, (asked, more) => ({ ...asked, approver: { ...asked.approver, issuerIds: [...asked.approver.issuerIds, more] } }))
    neverHelps(id, (asked, more) => ({ ...asked, requester: { ...asked.requester, issuerIds: [...asked.requester.issuerIds, more] } }))
    neverHelps(fc.constant(null), (asked, person) => ({ ...asked, approver: { ...asked.approver, person }, proof: 'proven' }))
    neverHelps(fc.nat(), (asked, at) => ({
      ...asked,
      contributors: asked.contributors.map((each, index) =>
        index === at % 4 && each.principalId !== null ? { ...each, verified: false } : each,
      ),
    }))
  })

  it('by anybody who took part, or asked for it', () => {
    fc.assert(
      fc.property(questions, (asked) => {
        if (!fourEyes(asked).satisfied) return true
        const { id: approver } = asked.approver.principal
        return (
          asked.requester.principal.id !== approver &&
          !asked.contributors.some(({ principalId, addressOwners }) => principalId === approver || addressOwners.includes(approver)) &&
          asked.contributors.some(isVerifiedAuthor)
        )
      }),
      { numRuns: 3000 },
    )
  })
})
