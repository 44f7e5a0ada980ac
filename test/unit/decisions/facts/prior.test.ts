import { deepEqual } from 'node:assert/strict'
import { describe, it } from 'node:test'

import type { RecordedDecision } from '../../../../src/decisions/decision.ts'
import type { FactContext } from '../../../../src/decisions/facts/fact.ts'
import { priorFact } from '../../../../src/decisions/facts/prior.ts'

/** Earlier decisions, each at `stage/environment`. */
function recorded(places: readonly string[]): RecordedDecision[] {
  const at = '2027-01-15T08:00:00Z'
  return places.map((id) => {
    const [stage, environment] = id.split('/')
    return { id, stage, environment, verdict: 'allow', repository: null, at, expiresAt: at } as RecordedDecision
  })
}

/** Which of them a pack gets to know at `production`. */
async function known(places: readonly string[], parameters: Record<string, unknown>): Promise<string[]> {
  const question = { subject: { id: 'sha256:aa' }, environment: 'production' }
  const view = { facts: { links: [] }, concernsAsker: () => true }
  const context = { plan: { parameters }, question, view } as unknown as FactContext
  const { value } = await priorFact(context, { priorDecisions: () => Promise.resolve(recorded(places)) })
  return (value as { id: string }[]).map(({ id }) => id)
}

describe('The earlier decisions that a pack is told of', () => {
  const places = ['build/build', 'Test/eu', 'approval/production', 'lab/lab']

  it('are those of the same environment', async () => {
    deepEqual(await known(places, {}), ['approval/production'])
  })

  it('and those of the stages that the binding requires, whatever their environment and spelling', async () => {
    deepEqual(await known(places, { requiredStages: ['build', 'test'] }), ['build/build', 'Test/eu', 'approval/production'])
    const perEnvironment = { requiredStages: [], environments: { Production: { requiredStages: ['lab'] } } }
    deepEqual(await known(places, perEnvironment), ['approval/production', 'lab/lab'])
  })
})
