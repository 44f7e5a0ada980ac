import { deepEqual } from 'node:assert/strict'
import { describe, it } from 'node:test'

import { loosens } from '../../../src/policy/loosening.ts'
import type { Binding } from '../../../src/policy/model.ts'
import { manifestOf } from './shipped-packs.ts'

type Draft = Omit<Binding, 'revision'>

const SCHEMA = manifestOf('vulnerabilities').parameters

function binding(over: Partial<Draft> = {}): Draft {
  return {
    ...{ name: 'b', pack: 'vulnerabilities', version: 'latest', parameters: {}, mode: 'enforce', validFor: 'P7D' },
    ...{ updatedAt: '', updatedBy: '' },
    ...over,
  }
}

/** Whether going from one set of parameters to another loosens. */
function parameters(before: object, after: object): boolean {
  return loosens(binding({ parameters: { ...before } }), binding({ parameters: { ...after } }), SCHEMA)
}

describe('A change of a binding', () => {
  it('loosens if it lowers the mode, removes the binding or names another pack or version', () => {
    deepEqual(
      [
        loosens(binding(), binding({ mode: 'warn' }), SCHEMA),
        loosens(binding({ mode: 'warn' }), binding({ mode: 'shadow' }), SCHEMA),
        loosens(binding(), undefined, SCHEMA),
        loosens(binding(), binding({ pack: 'tests' }), SCHEMA),
        loosens(binding(), binding({ version: `sha256:${'ab'.repeat(32)}` }), SCHEMA),
      ],
      [true, true, true, true, true],
    )
  })

  it('loosens nothing that only ever listed, and not by raising the mode', () => {
    deepEqual(
      [
        loosens(binding({ mode: 'shadow' }), undefined, SCHEMA),
        loosens(binding({ mode: 'shadow' }), binding({ mode: 'enforce', pack: 'tests' }), SCHEMA),
        loosens(binding({ mode: 'warn' }), binding(), SCHEMA),
        loosens(binding(), binding(), SCHEMA),
      ],
      [false, false, false, false],
    )
  })

  it('loosens if it lets the glass be broken, or for longer', () => {
    const breakable = (maxDuration: string) => binding({ breakGlass: { maxDuration } })
    deepEqual(
      [
        loosens(binding(), breakable('PT1H'), SCHEMA),
        loosens(breakable('PT1H'), breakable('PT2H'), SCHEMA),
        loosens(breakable('PT2H'), breakable('PT60M'), SCHEMA),
        loosens(breakable('PT1H'), binding(), SCHEMA),
      ],
      [true, true, false, false],
    )
  })

  it('loosens by any selector but one that is dropped', () => {
    const narrow = binding({ stage: ['production'] })
    deepEqual(
      [
        loosens(binding(), narrow, SCHEMA),
        loosens(narrow, binding({ stage: ['production', 'staging'] }), SCHEMA),
        loosens(narrow, binding(), SCHEMA),
        loosens(narrow, { ...narrow }, SCHEMA),
      ],
      [true, true, false, false],
    )
  })

  it('loosens by a longer validity', () => {
    deepEqual(
      ['P8D', 'P1D'].map((validFor) => loosens(binding(), binding({ validFor }), SCHEMA)),
      [true, false],
    )
  })

  it('loosens by a limit that is raised or lifted, not by one that is lowered or set', () => {
    deepEqual(
      [
        parameters({ max: { high: 1 } }, { max: { high: 2 } }),
        parameters({}, { max: { high: 1 } }),
        parameters({}, { max: { critical: null } }),
        parameters({ max: { high: 2 } }, { max: { high: 1 } }),
        parameters({ max: { high: 2 } }, {}),
        parameters({}, { max: { medium: 5 } }),
      ],
      [true, true, true, false, false, false],
    )
  })

  it('knows lists, switches and orders by the schema', () => {
    deepEqual(
      [
        parameters({ requiredScanners: ['trivy'] }, {}),
        parameters({ requiredScanners: ['trivy'] }, { requiredScanners: ['grype', 'trivy'] }),
        parameters({}, { ignoreUnfixed: true }),
        parameters({ ignoreUnfixed: true }, {}),
        parameters({}, { missing: 'warning' }),
        parameters({ missing: 'warning' }, { missing: 'violation' }),
      ],
      [true, false, true, false, true, false],
    )
  })

  it('loosens by whatever cannot be told', () => {
    deepEqual(
      [
        parameters({}, { environments: { production: { max: { high: 0 } } } }),
        parameters({}, { from: ['ci'] }),
        parameters({}, { unknownAs: 'low' }),
        loosens(binding(), binding({ parameters: { max: 'much' } }), SCHEMA),
      ],
      [true, true, true, true],
    )
  })
})
