import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'

import { calendarAt } from '../../../src/governance/calendar/calendar.ts'
import { NOTHING_PROVEN } from '../../../src/governance/calendar/exceptions.ts'
import { rulesOfParameters } from '../../../src/governance/calendar/rules.ts'
import { compilePack } from '../../../src/policy/engine/compiled-pack.ts'
import { loadPacks } from '../../../src/policy/engine/load-packs.ts'
import { PackRunner } from '../../../src/policy/engine/pack-runner.ts'
import type { EvaluationOutcome } from '../../../src/policy/evaluator.ts'
import type { PolicyInput } from '../../../src/policy/input.ts'
import { resolveParameters } from '../../../src/policy/parameters.ts'
import { requireTool } from '../../support/tools.ts'
import { PACKS, POLICIES } from './shipped-packs.ts'

const opa = requireTool('opa')

describe('the sources of the shipped packs', { skip: opa.skip }, () => {
  const run = (...options: string[]): { status: number | null; output: string } => {
    const { status, stdout, stderr } = spawnSync(opa.path ?? '', options, { encoding: 'utf8', env: {} })
    return { status, output: `${stdout}${stderr}` }
  }

  it('pass their own tests, and every pack has some', () => {
    for (const pack of PACKS) assert.ok(readdirSync(join(POLICIES, pack)).some((file) => file.endsWith('_test.rego')))
    const { status, output } = run('test', '--ignore', '*.json', POLICIES)
    assert.equal(status, 0, output)
    assert.match(output, /^PASS: (\d{3,})\/\1$/m)
  })

  it('pass the strict check', () => {
    const { status, output } = run('check', '--strict', POLICIES)
    assert.equal(status, 0, output)
  })

  it('are formatted as opa fmt has it', () => {
    const { status, output } = run('fmt', '--list', POLICIES)
    assert.deepEqual([status, output.trim()], [0, ''])
  })
})

const MEMORY = { initial: 16, maximum: 512 }

describe('the compiled packs', async () => {
  const packs = new Map((await loadPacks(join(POLICIES, 'dist'))).map((pack) => [pack.manifest.name, pack]))

  /** Judges with default parameters, but for those that are given. */
  async function judge(name: string, input: Partial<PolicyInput>, parameters: Record<string, unknown> = {}): Promise<EvaluationOutcome> {
    const pack = packs.get(name)
    assert.ok(pack)
    const runner = new PackRunner(await compilePack(pack), MEMORY)
    return runner.run(JSON.stringify({ ...EMPTY_INPUT, ...input, parameters: resolveParameters(pack.manifest, parameters) }))
  }

  const rules = (outcome: EvaluationOutcome): unknown[] =>
    outcome.ok ? outcome.results.map((result) => (result as { rule: unknown }).rule) : [outcome.code]

  it('are all there', () => assert.deepEqual([...packs.keys()], PACKS))

  it('judge what has no evidence at all', async () => {
    assert.deepEqual(rules(await judge('vulnerabilities', {})), ['missing_evidence'])
    assert.deepEqual(rules(await judge('findings', {})), [])
    assert.deepEqual(rules(await judge('tests', {})), ['missing_evidence'])
    assert.deepEqual(rules(await judge('coverage', {})), ['missing_evidence'])
    assert.deepEqual(rules(await judge('change-window', {})), [])
    assert.deepEqual(rules(await judge('rollback', {})), ['wrong_stage'])
    assert.deepEqual(rules(await judge('verdict', {})), ['no_allow'])
  })

  it('give no result without their parameters', async () => {
    for (const pack of packs.values()) {
      const runner = new PackRunner(await compilePack(pack), MEMORY)
      assert.deepEqual(rules(runner.run(JSON.stringify({ ...EMPTY_INPUT, parameters: {} }))), ['policy_error'], pack.manifest.name)
    }
  })

  it('agree with the calendar at any hour of two weeks around a freeze', async () => {
    const parameters = {
      windows: [{ name: 'nights', zone: 'America/New_York', weekdays: ['mon', 'wed', 'fri'], from: '22:00', to: '04:00' }],
      freezes: [{ name: 'holiday', from: '2027-11-04T12:00:00Z', until: '2027-11-06T07:30:00Z' }],
    }
    const seen = new Set<string>()
    for (let hour = 0; hour < 14 * 24; hour += 3) {
      const now = Date.parse('2027-10-31T00:30:00Z') + hour * 3_600_000
      const calendar = calendarAt(now, 'production', rulesOfParameters(parameters), NOTHING_PROVEN)
      const outcome = await judge('change-window', { now: now / 1000, calendar }, parameters)
      assert.ok(outcome.ok)
      assert.equal(outcome.results.length === 0, calendar.open)
      seen.add(rules(outcome).join())
    }
    assert.deepEqual(seen, new Set(['', 'outside_window', 'frozen', 'frozen,outside_window']))
  })
})

const EMPTY_INPUT: Omit<PolicyInput, 'parameters'> = {
  version: 1,
  now: 1_800_000_000,
  subject: { id: `sha256:${'a'.repeat(64)}`, kind: 'artifact', name: null },
  stage: 'production',
  environment: 'production',
  repository: null,
  verified: [],
  identity: null,
  context: {},
  labels: {},
  sources: [],
  platforms: [{ id: `sha256:${'a'.repeat(64)}`, platform: null }],
  evidence: [],
  calendar: null,
  prior: [],
  rollback: null,
  approvals: null,
  promotion: null,
}
