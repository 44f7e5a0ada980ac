import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { durationMs } from '../../../src/core/duration.ts'
import { defaultBindings, PROFILES } from '../../../src/policy/defaults.ts'
import { resolveParameters } from '../../../src/policy/parameters.ts'
import { manifestOf, PACKS } from './shipped-packs.ts'

const RELEASE = ['staging', 'approval', 'production', 'deploy', 'release']
const JUDGING = ['!source', '!admission']

function binding(profile: (typeof PROFILES)[number], name: string): ReturnType<typeof defaultBindings>[number] {
  const found = defaultBindings(profile).find((candidate) => candidate.name === name)
  assert.ok(found)
  return found
}

/** Bound by who needs them: each asks for evidence that not every pipeline has. */
const BOUND_BY_CHOICE = [
  'approvals',
  'artifact-integrity',
  'change-record',
  'metrics',
  'migrations',
  'performance',
  'promotion',
  'quality',
  'readiness',
  'rollback-tested',
  'source-governance',
]

describe('the default bindings', () => {
  for (const profile of PROFILES) {
    it(`of profile ${profile} bind every pack that every pipeline can meet once, with parameters that fit it`, () => {
      const bindings = defaultBindings(profile)
      assert.deepEqual(
        bindings.map(({ pack }) => pack).toSorted(),
        PACKS.filter((pack) => !BOUND_BY_CHOICE.includes(pack)),
      )
      for (const { name, pack, parameters, validFor } of bindings) {
        assert.equal(name, pack)
        resolveParameters(manifestOf(pack), parameters)
        assert.equal(durationMs(validFor), (name === 'rollback' ? 1 : 7 * 24) * 60 * 60 * 1000, name)
      }
    })
  }

  it('apply where the guide says', () => {
    assert.deepEqual(Object.fromEntries(defaultBindings('standard').map(({ name, stage }) => [name, stage])), {
      vulnerabilities: JUDGING,
      findings: JUDGING,
      tests: RELEASE,
      coverage: RELEASE,
      'change-window': ['production'],
      rollback: ['rollback'],
      verdict: ['admission'],
    })
  })

  it('of profile standard enforce all but coverage', () => {
    const modes = Object.fromEntries(defaultBindings('standard').map(({ name, mode }) => [name, mode]))
    assert.deepEqual(modes, {
      vulnerabilities: 'enforce',
      findings: 'enforce',
      tests: 'enforce',
      coverage: 'warn',
      'change-window': 'enforce',
      rollback: 'enforce',
      verdict: 'enforce',
    })
  })

  it('of profile standard demand vulnerability reports at the release stages and only miss them elsewhere', () => {
    const parameters = resolveParameters(manifestOf('vulnerabilities'), binding('standard', 'vulnerabilities').parameters)
    assert.equal(parameters['missing'], 'warning')
    assert.deepEqual(parameters['missingByStage'], Object.fromEntries(RELEASE.map((stage) => [stage, 'violation'])))
  })

  it('of profile standard allow no critical, and no high one that has a fix', () => {
    const { max, fixableOnly } = resolveParameters(manifestOf('vulnerabilities'), binding('standard', 'vulnerabilities').parameters)
    assert.deepEqual(max, { critical: 0, high: 0, medium: null, low: null, negligible: null, unknown: null })
    assert.deepEqual(fixableOnly, ['high'])
  })

  it('of profile standard ask for 80 percent of lines, for no findings report, and miss tests with a warning', () => {
    const resolved = (name: string): Record<string, unknown> => resolveParameters(manifestOf(name), binding('standard', name).parameters)
    assert.deepEqual(resolved('coverage')['minimum'], { lines: 80, branches: null, functions: null })
    assert.equal(resolved('findings')['missing'], 'ignore')
    assert.equal(resolved('tests')['missing'], 'warning')
  })

  it('of profile observe are those of standard in shadow', () => {
    assert.deepEqual(
      defaultBindings('observe'),
      defaultBindings('standard').map((standard) => ({ ...standard, mode: 'shadow' })),
    )
  })

  it('of profile strict enforce everything and demand all evidence', () => {
    for (const { name, pack, mode, parameters } of defaultBindings('strict')) {
      assert.equal(mode, 'enforce', name)
      const resolved = resolveParameters(manifestOf(pack), parameters)
      if ('missing' in resolved) {
        assert.equal(resolved['missing'], 'violation', name)
        assert.deepEqual(resolved['missingByStage'], {}, name)
      }
    }
  })
})
