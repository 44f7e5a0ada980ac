/** OPA itself, interpreting the sources, against the compiled packs on the service's engine: the same results for thousands of inputs. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import fc from 'fast-check'

import { canonicalJson } from '../../../src/core/canonical-json.ts'
import { isAppError } from '../../../src/core/app-error.ts'
import { compilePack } from '../../../src/policy/engine/compiled-pack.ts'
import { loadPacks } from '../../../src/policy/engine/load-packs.ts'
import { PackRunner } from '../../../src/policy/engine/pack-runner.ts'
import type { PolicyInput } from '../../../src/policy/input.ts'
import type { PackManifest } from '../../../src/policy/model.ts'
import { resolveParameters } from '../../../src/policy/parameters.ts'
import { requireTool } from '../../support/tools.ts'
import { coherent } from './generated/coherent.ts'
import { inputsFor } from './generated/inputs.ts'
import { parametersFor } from './generated/parameters.ts'
import { POLICIES } from './shipped-packs.ts'

const opa = requireTool('opa')
const PER_PACK = 400
/** The same inputs in every run: a failure can be looked at again. */
const SEED = 20_270_115

interface Case {
  input: PolicyInput
  /** What the service's engine says; null where the result is undefined, which is a denial. */
  expected: readonly unknown[] | null
}

const MEMORY = { initial: 16, maximum: 512 }

describe('the compiled packs and OPA itself', { skip: opa.skip }, async () => {
  const packs = await loadPacks(join(POLICIES, 'dist'))
  const cases = new Map<string, Case[]>()
  let folder: string

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'portcullis-parity-'))
    for (const pack of packs) {
      const { manifest } = pack
      cases.set(manifest.name, judged(manifest, new PackRunner(await compilePack(pack), MEMORY)))
    }
    const parity = Object.fromEntries([...cases].map(([name, all]) => [regoName(name), all]))
    writeFileSync(join(folder, 'cases.json'), JSON.stringify({ parity }))
    writeFileSync(join(folder, 'answers.rego'), queryOf([...cases.keys()]))
    writeFileSync(join(folder, 'parity_test.rego'), testsOf([...cases.keys()]))
  })
  after(() => rmSync(folder, { recursive: true }))

  it('say the same of every generated input (opa eval)', () => {
    const files = ['cases.json', 'answers.rego'].map((file) => join(folder, file))
    const output = run([
      'eval',
      '--format',
      'json',
      ...[...files, ...SOURCES].flatMap((file) => ['--data', file]),
      'data.parity_query.answers',
    ])
    const { result } = JSON.parse(output) as { result: [{ expressions: [{ value: Record<string, (readonly unknown[])[]> }] }] }
    for (const [name, all] of cases) {
      const answers = result[0].expressions[0].value[regoName(name)]
      assert.equal(answers?.length, all.length)
      for (const [at, { input, expected }] of all.entries()) {
        const theirs = (answers[at]?.[0] ?? null) as readonly unknown[] | null
        assert.deepEqual(inOrder(expected), inOrder(theirs), `${name}: ${JSON.stringify(input)}`)
      }
    }
  })

  it('say the same in a test of every pack (opa test)', () => {
    const output = run(['test', '--timeout', '60s', ...SOURCES, join(folder, 'cases.json'), join(folder, 'parity_test.rego')])
    assert.match(output, new RegExp(`^PASS: ${packs.length}/${packs.length}$`, 'm'))
  })

  it('come upon every rule and upon nothing to say, so that agreeing means something', () => {
    for (const { manifest } of packs) {
      const all = cases.get(manifest.name) ?? []
      const seen = new Set(all.flatMap(({ expected }) => (expected ?? []).map((result) => (result as { rule: string }).rule)))
      const declared = manifest.rules.map(({ name }) => name)
      assert.deepEqual(
        declared.filter((rule) => !seen.has(rule)),
        [],
        manifest.name,
      )
      assert.ok(
        all.some(({ expected }) => expected?.every((result) => (result as { effect?: string }).effect === 'none')),
        manifest.name,
      )
    }
  })
})

const SOURCES = globSync(join(POLICIES, '*/*.rego')).filter((file) => !file.endsWith('_test.rego'))

function run(options: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(opa.path ?? '', options, { encoding: 'utf8', env: {}, maxBuffer: 512 * 1024 * 1024 })
  assert.equal(status, 0, `${stderr}${stdout.slice(0, 4000)}`)
  return stdout
}

/** What the service's engine says of inputs that fit the pack. */
function judged(manifest: PackManifest, runner: PackRunner): Case[] {
  const generated = fc.sample(fc.record({ input: inputsFor(manifest), parameters: parametersFor(manifest) }), {
    numRuns: PER_PACK,
    seed: SEED,
  })
  return generated.flatMap(({ input, parameters }): Case[] => {
    const resolved = resolvedOf(manifest, parameters)
    if (!resolved) return []
    const whole = coherent(input, resolved)
    const outcome = runner.run(JSON.stringify(whole))
    if (outcome.ok) return [{ input: whole, expected: outcome.results }]
    assert.match(outcome.reason, /result is undefined/, `${manifest.name}: ${JSON.stringify(whole)}`)
    return [{ input: whole, expected: null }]
  })
}

/** Undefined for those that no binding could have: what schemas say with `laterThan` the generator doesn't read. */
function resolvedOf(manifest: PackManifest, parameters: Record<string, unknown>): Record<string, unknown> | undefined {
  try {
    return resolveParameters(manifest, parameters)
  } catch (error) {
    if (isAppError(error) && error.code === 'parameters_invalid') return undefined
    throw error
  }
}

function regoName(pack: string): string {
  return pack.replaceAll('-', '_')
}

/** Of each case a list: empty where the result is undefined. */
function queryOf(packs: readonly string[]): string {
  const answers = packs.map(regoName).map((pack) => {
    return `"${pack}": [answer | some one in data.parity.${pack}; answer := [said | said := data.portcullis.${pack}.results with input as one.input]]`
  })
  return `package parity_query\n\nanswers := {${answers.join(',\n')}}\n`
}

/** As sets, since an array that was made of a set has another order on each engine. */
function testsOf(packs: readonly string[]): string {
  const tests = packs.map(regoName).map(
    (pack) => `test_${pack} if {
  every one in data.parity.${pack} {
    said := [results | results := data.portcullis.${pack}.results with input as one.input]
    {result | some results in said; some result in results} == {result | some result in one.expected}
    count(said) == count([1 | one.expected != null])
  }
}`,
  )
  return `package parity_test\n\n${tests.join('\n\n')}\n`
}

function inOrder(results: readonly unknown[] | null): readonly string[] | null {
  return results && results.map((result) => canonicalJson(result)).sort()
}
