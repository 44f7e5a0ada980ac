/** A waiver takes findings out of what a pack counts, so a pack has to list every finding that it counts: nothing else tells whether it does. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'

import fc from 'fast-check'

import { canonicalJson } from '../../../src/core/canonical-json.ts'
import { isAppError } from '../../../src/core/app-error.ts'
import { compilePack } from '../../../src/policy/engine/compiled-pack.ts'
import { loadPacks } from '../../../src/policy/engine/load-packs.ts'
import { PackRunner } from '../../../src/policy/engine/pack-runner.ts'
import type { PolicyInput } from '../../../src/policy/input.ts'
import type { PackManifest } from '../../../src/policy/model.ts'
import { resolveParameters } from '../../../src/policy/parameters.ts'
import { inputsFor } from './generated/inputs.ts'
import { parametersFor } from './generated/parameters.ts'
import { POLICIES } from './shipped-packs.ts'

const PER_PACK = 300
const SEED = 20_261_121
const MEMORY = { initial: 16, maximum: 512 }

interface Result {
  rule: string
  effect?: string
  findings?: readonly (readonly [number, number])[]
}

type Judged = Readonly<PolicyInput>

describe('Every shipped pack', async () => {
  const packs = await loadPacks(join(POLICIES, 'dist'))
  let listed = 0

  for (const pack of packs) {
    const { manifest } = pack
    it(`lists the findings that it counts: ${manifest.name}`, async () => {
      const runner = new PackRunner(await compilePack(pack), MEMORY)
      const judge = (input: Judged): readonly Result[] | undefined => {
        const outcome = runner.run(JSON.stringify(input))
        return outcome.ok ? (outcome.results as readonly Result[]) : undefined
      }
      for (const input of inputs(manifest)) {
        const results = judge(input)
        if (!results) continue
        const bare = judge(without(input, () => true)) ?? []
        assert.deepEqual(restingOnNone(bare), restingOnNone(results), `what lists no finding counts none: ${JSON.stringify(input)}`)
        for (const rule of new Set(results.filter(counts).map((result) => result.rule))) {
          const named: ReadonlySet<string> = new Set(
            results.filter((result) => result.rule === rule).flatMap(({ findings = [] }) => findings.map(String)),
          )
          const left: readonly Result[] = judge(without(input, (position) => named.has(String(position)))) ?? []
          assert.deepEqual(
            left.filter((result) => result.rule === rule && counts(result)),
            [],
            `${rule} has nothing left to count: ${JSON.stringify(input)}`,
          )
          listed += 1
        }
      }
    })
  }

  it('was asked about some that count findings', () => assert.ok(listed > 20, `${listed}`))
})

function inputs(manifest: PackManifest): Judged[] {
  const generated = fc.record({ input: inputsFor(manifest), parameters: parametersFor(manifest) })
  return fc.sample(generated, { numRuns: PER_PACK, seed: SEED }).flatMap(({ input, parameters }): Judged[] => {
    try {
      return [{ ...input, parameters: resolveParameters(manifest, parameters) }]
    } catch (error) {
      if (isAppError(error) && error.code === 'parameters_invalid') return []
      throw error
    }
  })
}

function without(input: Judged, isTaken: (position: readonly [number, number]) => boolean): Judged {
  const evidence = input.evidence.map((piece, at) => ({
    ...piece,
    findings: piece.findings.filter((_, index) => !isTaken([at, index])),
  }))
  return { ...input, evidence }
}

function counts({ effect = 'violation', findings = [] }: Result): boolean {
  return effect === 'violation' && findings.length > 0
}

function restingOnNone(results: readonly Result[]): string[] {
  return results
    .filter(({ effect = 'violation', findings = [] }) => effect === 'violation' && findings.length === 0)
    .map((result) => canonicalJson(result))
    .sort()
}
