import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { approvalRules, everyRequirement } from '../../../../src/governance/approvals/parameters.ts'
import { approvalsUsed, approvalStanding, type CountedApproval } from '../../../../src/governance/approvals/standing.ts'

const one = (over: Partial<CountedApproval> = {}): CountedApproval => ({
  groups: ['a'],
  objections: [],
  notWith: [],
  expiresAt: 10,
  ...over,
})
const given = (required: number, groups: readonly string[], approvals: readonly CountedApproval[]): readonly number[] =>
  approvalStanding([{ required, groups }], approvals)[0]?.given ?? []

describe('Approvals', () => {
  it('count for a requirement by any of its groups, and where it names none by whoever it is', () => {
    const approvals = [one(), one({ groups: ['b', 'c'] }), one({ groups: [] }), one({ objections: ['own_work'] })]
    assert.deepEqual(given(1, ['a', 'c'], approvals), [0, 1])
    assert.deepEqual(given(1, [], approvals), [0, 1, 2])
    assert.deepEqual(given(1, ['d'], approvals), [])
  })

  it('of whoever could be several others take nothing from those', () => {
    const puppets = [one({ notWith: [2] }), one({ notWith: [2] }), one({ notWith: [0, 1] })]
    assert.deepEqual(given(2, ['a'], puppets), [0, 1])
    assert.deepEqual(given(2, ['a'], [one({ notWith: [1] }), one({ notWith: [0] })]), [0])
  })

  it('that do not count stand in nobody’s way', () => {
    assert.deepEqual(given(1, ['a'], [one({ notWith: [1], objections: ['own_request'] }), one({ notWith: [0] })]), [1])
    assert.deepEqual(given(1, ['a'], [one({ notWith: [1], groups: ['b'] }), one({ notWith: [0] })]), [1])
  })

  it('are used as far as they are needed, those that hold longest first', () => {
    const approvals = [one({ expiresAt: 1 }), one({ expiresAt: 3 }), one({ expiresAt: 2, groups: ['b'] })]
    const requirements = [
      { required: 1, groups: ['a'] },
      { required: 2, groups: [] },
    ]
    assert.deepEqual(approvalsUsed(approvalStanding(requirements, approvals), approvals), [1, 2])
  })
})

describe('The parameters of approvals', () => {
  const parameters = {
    ...{ required: 1, groups: ['a'], also: [{ required: 2, groups: ['b'] }], validFor: 'P1D' },
    fourEyes: { authors: 'named' },
    environments: { Production: { required: 3, fourEyes: { requester: false } }, production: { required: 2, also: [] } },
  }

  it('are those of an environment under its exact name, else in any letter case, laid over the others', () => {
    assert.deepEqual(approvalRules(parameters, 'PRODUCTION'), {
      requirements: [
        { required: 3, groups: ['a'] },
        { required: 2, groups: ['b'] },
      ],
      fourEyes: { authors: 'named', requester: false },
      validForMs: 86_400_000,
    })
    assert.deepEqual(approvalRules(parameters, 'production').requirements, [{ required: 2, groups: ['a'] }])
    assert.equal(approvalRules(parameters, 'staging').fourEyes.requester, true)
  })

  it('are strict where they say nothing', () => {
    assert.deepEqual(approvalRules({ required: 1, groups: [], fourEyes: {} }, 'x').fourEyes, { authors: 'verified', requester: true })
    assert.equal(approvalRules({ required: 1, groups: [], validFor: 'soon' }, 'x').validForMs, 0)
  })

  it('name every demand that there is anywhere, each once', () => {
    assert.deepEqual(
      everyRequirement(parameters)
        .map(({ required, groups }) => `${required} ${groups.join()}`)
        .sort(),
      ['1 a', '2 a', '2 b', '3 a'],
    )
  })
})
