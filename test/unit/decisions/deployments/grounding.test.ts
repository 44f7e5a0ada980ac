import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import type { RecordedDecision } from '../../../../src/decisions/decision.ts'
import { groundOf } from '../../../../src/decisions/deployments/grounding.ts'
import { decision } from '../../../storage/samples.ts'

const AT = '2026-03-01T12:00:00.000Z'
const PLACE = {
  environment: 'production',
  repository: 'acme/shop',
  target: 'eu',
  receivedAt: Date.parse(AT),
  releaseStages: ['release', 'canary'],
}
const BYPASS = { decisionId: null, groundedBy: null, grounded: false, bypass: true }

function allow(over: Partial<RecordedDecision> = {}): RecordedDecision {
  return { ...decision({ repository: 'acme/shop', at: AT, expiresAt: '2026-03-08T12:00:00.000Z' }), logIndex: 1, voidedAt: null, ...over }
}

describe('A deployment', () => {
  it('is grounded by an enforced allow for its environment and repository', () => {
    const { id, ...rest } = allow()
    assert.deepEqual(groundOf([{ id, ...rest }], PLACE, undefined), { decisionId: id, groundedBy: id, grounded: true, bypass: false })
  })

  it('is grounded by an allow of the environment’s own stage or of one for releases, and of no other that the asker thought of', () => {
    const grounded = (stage: string, environment = 'production') =>
      groundOf([allow({ stage, environment })], { ...PLACE, environment }, undefined)
    for (const stage of ['production', 'Production', 'release', 'CANARY']) assert.equal(grounded(stage).grounded, true, stage)
    assert.equal(grounded('qa', 'qa').grounded, true)
    for (const stage of ['build', 'whatever', 'qa']) {
      const { id } = allow()
      const { decisionId, ...rest } = grounded(stage)
      assert.deepEqual(rest, { groundedBy: null, grounded: false, bypass: false }, stage)
      assert.equal(typeof decisionId, typeof id)
    }
  })

  it('is a bypass without one', () => {
    const others: Partial<RecordedDecision>[] = [
      { verdict: 'deny' },
      { enforced: false },
      { environment: 'staging' },
      { environment: 'Production' },
      { repository: 'acme/till' },
      { repository: 'github.com/acme/shop' },
      { repository: null },
    ]
    assert.deepEqual(groundOf([], PLACE, undefined), BYPASS)
    for (const over of others) assert.deepEqual(groundOf([allow(over)], PLACE, undefined), BYPASS, JSON.stringify(over))
  })

  it('is a bypass where another stage for the same place denied, however the asker names the one that allows', () => {
    const denied = (over: Partial<RecordedDecision>) =>
      groundOf([allow({ stage: 'canary' }), allow({ verdict: 'deny', ...over })], PLACE, undefined)
    for (const over of [{}, { stage: 'approval' }, { at: '2026-02-27T12:00:00.000Z' }]) {
      const { grounded, bypass } = denied(over)
      assert.deepEqual([grounded, bypass], [false, true], JSON.stringify(over))
    }
    for (const over of [
      { stage: 'admission' },
      { stage: 'rollback' },
      { repository: 'acme/till' },
      { environment: 'qa' },
      { enforced: false },
    ])
      assert.equal(denied(over).grounded, true, JSON.stringify(over))
  })

  it('is a bypass by an allow that was voided, and where one was voided at another stage', () => {
    const voided = { voidedAt: AT }
    assert.deepEqual(groundOf([allow(voided)], PLACE, undefined), BYPASS)
    const { grounded, bypass } = groundOf([allow({ stage: 'canary' }), allow(voided)], PLACE, undefined)
    assert.deepEqual([grounded, bypass], [false, true])
    assert.equal(groundOf([allow({ stage: 'canary' }), allow({ ...voided, stage: 'admission' })], PLACE, undefined).grounded, true)
  })

  it('is neither grounded nor a bypass by an allow that broke the glass, nor grounded by one at another stage', () => {
    const breakGlass = { reason: 'r', incident: 'i', by: 'ann', until: AT, bindings: ['b'], rules: ['p.r'] }
    const broken = allow({ breakGlass })
    assert.deepEqual(groundOf([broken], PLACE, undefined), { decisionId: broken.id, groundedBy: null, grounded: false, bypass: false })
    const { grounded, bypass } = groundOf([allow({ stage: 'canary' }), broken], PLACE, undefined)
    assert.deepEqual([grounded, bypass], [false, false])
    assert.equal(groundOf([allow({ stage: 'canary' }), allow({ breakGlass, stage: 'admission' })], PLACE, undefined).grounded, true)
    assert.deepEqual(groundOf([allow({ breakGlass, expiresAt: AT, at: '2026-02-27T12:00:00.000Z' })], PLACE, undefined), BYPASS)
  })

  it('of no repository is grounded only by a decision of none', () => {
    const place = { ...PLACE, repository: null }
    assert.equal(groundOf([allow()], place, undefined).bypass, true)
    assert.equal(groundOf([allow({ repository: null })], place, undefined).grounded, true)
  })

  it('is grounded until the instant at which the allow ends, and by one that another clock dates a little later', () => {
    const received = (at: string) => groundOf([allow()], { ...PLACE, receivedAt: Date.parse(at) }, undefined).grounded
    assert.equal(received('2026-03-08T11:59:59.999Z'), true)
    assert.equal(received('2026-03-08T12:00:00.000Z'), false)
    assert.equal(received('2026-03-01T11:55:00.000Z'), true)
    assert.equal(received('2026-03-01T11:54:59.999Z'), false)
  })

  it('is a bypass where an allow for a rollback holds for other targets', () => {
    const back = { deployment: 'd', subject: 's', startedAt: AT, finishedAt: AT, groundedBy: null }
    const replaces = { deployment: 'e', subject: 't', state: 'succeeded' }
    for (const [targets, bypass] of [
      [['us', 'eu'], false],
      [['us', null], true],
    ] as const) {
      const rollback = { ...back, targets: [...targets], replaces }
      assert.equal(groundOf([allow({ stage: 'rollback', rollback })], PLACE, undefined).bypass, bypass)
    }
  })

  it('follows from the rollback that was asked for last, also where an earlier allow still grounds it', () => {
    const [rollback, grounding] = [allow({ stage: 'rollback' }), allow()]
    assert.deepEqual(groundOf([rollback, grounding], PLACE, undefined), {
      ...{ decisionId: rollback.id, groundedBy: grounding.id, grounded: true, bypass: false },
    })
    assert.equal(groundOf([grounding, rollback], PLACE, undefined).decisionId, grounding.id)
    assert.equal(groundOf([grounding, rollback], PLACE, rollback.id).groundedBy, null)
  })

  it('that an allow for a rollback lets pass is neither grounded nor a bypass', () => {
    for (const stage of ['rollback', 'Rollback']) {
      const { id, ...rest } = allow({ stage })
      assert.deepEqual(groundOf([{ id, ...rest }], PLACE, undefined), { decisionId: id, groundedBy: null, grounded: false, bypass: false })
    }
    const [rollback, grounding] = [allow({ stage: 'rollback' }), allow()]
    assert.equal(groundOf([rollback, grounding], PLACE, undefined).groundedBy, grounding.id)
  })

  it('rests on no other decision than the one that its reporter names', () => {
    const [allowed, expired] = [allow(), allow({ expiresAt: AT })]
    assert.equal(groundOf([allowed, expired], PLACE, allowed.id).groundedBy, allowed.id)
    assert.deepEqual(groundOf([allowed, expired], PLACE, expired.id), { ...BYPASS, decisionId: expired.id })
    assert.deepEqual(groundOf([allowed], PLACE, 'an older one'), { ...BYPASS, decisionId: 'an older one' })
  })
})
