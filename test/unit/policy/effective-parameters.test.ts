import { deepEqual } from 'node:assert/strict'
import { describe, it } from 'node:test'

import { effectiveParameters } from '../../../src/policy/effective-parameters.ts'

const PARAMETERS = {
  max: { critical: 0, high: 5 },
  requiredScanners: ['trivy', 'grype'],
  environments: { production: { max: { high: 0 }, requiredScanners: ['grype'] }, Staging: { max: { high: 9 } } },
}

describe('The parameters of an environment', () => {
  it('are the overrides laid over the general ones, object by object', () => {
    deepEqual(effectiveParameters(PARAMETERS, 'production'), { max: { critical: 0, high: 0 }, requiredScanners: ['grype'] })
  })

  it('are looked up in any letter case, as packs do it', () => {
    deepEqual(effectiveParameters(PARAMETERS, 'staging')['max'], { critical: 0, high: 9 })
    deepEqual(effectiveParameters({ ...PARAMETERS, environments: { A: { x: 1 }, a: { x: 2 } } }, 'a')['x'], 2)
  })

  it('are the general ones where nothing is overridden', () => {
    deepEqual(effectiveParameters(PARAMETERS, 'qa'), { max: { critical: 0, high: 5 }, requiredScanners: ['trivy', 'grype'] })
    deepEqual(effectiveParameters({ x: 1 }, 'constructor'), { x: 1 })
  })
})
