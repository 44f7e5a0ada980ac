import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'

import { AppError } from '../../../src/core/app-error.ts'
import { resolveParameters } from '../../../src/policy/parameters.ts'
import { manifestOf, PACKS, POLICIES } from './shipped-packs.ts'

const vulnerabilities = manifestOf('vulnerabilities')
const changeWindow = manifestOf('change-window')

function refusal(manifest: typeof vulnerabilities, parameters: Record<string, unknown>): AppError {
  let thrown: unknown
  assert.throws(
    () => resolveParameters(manifest, parameters),
    (error: unknown) => {
      thrown = error
      return error instanceof AppError && error.code === 'parameters_invalid'
    },
  )
  return thrown as AppError
}

describe('resolving parameters', () => {
  it('fills in the defaults, also inside an object that is given in part', () => {
    const resolved = resolveParameters(vulnerabilities, { max: { medium: 3 } })
    assert.deepEqual(resolved['max'], { critical: 0, high: 0, medium: 3, low: null, negligible: null, unknown: null })
    assert.deepEqual(resolved['fixableOnly'], ['high'])
    assert.equal(resolved['minTrust'], 'asker')
  })

  it('fills in nothing inside an override of an environment', () => {
    const environments = { production: { max: { low: 0 }, graceDays: { high: 3 } } }
    assert.deepEqual(resolveParameters(vulnerabilities, { environments })['environments'], environments)
  })

  it('leaves what it was given as it is', () => {
    const given = { max: { medium: 3 } }
    resolveParameters(vulnerabilities, given)
    assert.deepEqual(given, { max: { medium: 3 } })
  })

  it('gives objects of its own each time', () => {
    const first = resolveParameters(vulnerabilities, {})
    ;(first['max'] as Record<string, unknown>)['critical'] = 99
    assert.equal((resolveParameters(vulnerabilities, {})['max'] as Record<string, unknown>)['critical'], 0)
  })

  it('names a parameter that does not exist and those that do', () => {
    const error = refusal(vulnerabilities, { max: { sever: 1 } })
    assert.equal(error.field, 'body.parameters/max/sever')
    assert.match(error.remedy ?? '', /critical, high/)
  })

  it('names a stage or environment that nothing can be called', () => {
    const window = { name: 'w', zone: 'UTC', weekdays: ['mon'], from: '09:00', to: '17:00' }
    const error = refusal(changeWindow, { windows: [{ ...window, environments: ['production', 'prod*'] }] })
    assert.equal(error.field, 'body.parameters/windows/0/environments/1')
    assert.equal(refusal(manifestOf('verdict'), { fromStages: [''] }).field, 'body.parameters/fromStages/0')
    assert.equal(refusal(vulnerabilities, { missingByStage: { 'prod*': 'violation' } }).field, 'body.parameters/missingByStage/prod*')
    assert.equal(refusal(vulnerabilities, { environments: { '*': {} } }).field, 'body.parameters/environments/*')
  })

  it('names a value of the wrong type', () => {
    for (const value of ['0', 1.5, -1, true]) {
      assert.equal(refusal(vulnerabilities, { max: { high: value } }).field, 'body.parameters/max/high')
    }
  })

  it('names the values that are allowed', () => {
    const error = refusal(vulnerabilities, { missing: 'deny' })
    assert.equal(error.field, 'body.parameters/missing')
    assert.match(error.message, /violation, warning, ignore/)
  })

  it('names a field that is missing', () => {
    const error = refusal(changeWindow, { windows: [{ name: 'a', zone: 'UTC', weekdays: ['mon'], from: '09:00' }] })
    assert.equal(error.field, 'body.parameters/windows/0/to')
  })

  it('escapes names as JSON Pointer does', () => {
    assert.equal(refusal(vulnerabilities, { 'a/b~c': 1 }).field, 'body.parameters/a~1b~0c')
  })
})

describe('parameters of change-window', () => {
  const window = { name: 'office', zone: 'Europe/Berlin', weekdays: ['mon'], from: '09:00', to: '24:00' }
  const freeze = { name: 'year end', from: '2027-12-20T00:00:00+01:00', until: '2028-01-02T00:00:00+01:00' }

  it('are accepted when they make sense', () => {
    const resolved = resolveParameters(changeWindow, {
      windows: [window],
      freezes: [{ ...freeze, reason: null, environments: ['production'] }],
    })
    assert.deepEqual(resolved['windows'], [window])
  })

  it('refuse a zone that does not exist', () => {
    const error = refusal(changeWindow, { windows: [{ ...window, zone: 'Europe/Atlantis' }] })
    assert.equal(error.field, 'body.parameters/windows/0/zone')
    assert.match(error.message, /IANA/)
  })

  for (const [field, value] of [
    ['from', '24:00'],
    ['from', '9:00'],
    ['to', '24:01'],
    ['to', '17:60'],
  ]) {
    it(`refuse ${field} ${value}`, () => {
      assert.equal(refusal(changeWindow, { windows: [{ ...window, [field ?? '']: value }] }).field, `body.parameters/windows/0/${field}`)
    })
  }

  it('refuse a freeze that does not end after it begins', () => {
    for (const until of [freeze.from, '2027-12-19T23:00:00Z', '2027-12-01T00:00:00Z']) {
      const error = refusal(changeWindow, { freezes: [{ ...freeze, until }] })
      assert.equal(error.field, 'body.parameters/freezes/0/until')
      assert.match(error.message, /not later than "from"/)
    }
  })

  it('refuse a time without an offset', () => {
    assert.equal(refusal(changeWindow, { freezes: [{ ...freeze, from: '2027-12-20T00:00:00' }] }).field, 'body.parameters/freezes/0/from')
  })
})

/** Parameters that decide what a pack sees, and the one that lies over the others. */
const APPLIED_BEFORE = new Set(['environments', 'baseline', 'vexPackagesFrom'])

describe('every shipped pack', () => {
  for (const pack of PACKS) {
    const manifest = manifestOf(pack)
    const properties = manifest.parameters['properties'] as Record<string, { description?: string }>

    it(`${pack} describes every parameter and has a default for it`, () => {
      const resolved = resolveParameters(manifest, {})
      for (const [name, schema] of Object.entries(properties)) {
        assert.ok(schema.description, `${name} has no description`)
        assert.ok(name in resolved, `${name} has no default`)
      }
    })

    it(`${pack} asks for each of its own parameters before it judges`, () => {
      const source = readFileSync(join(POLICIES, pack, `${pack.replaceAll('-', '_')}.rego`), 'utf8')
      const asked = [...(/settings\.complete\(\[(.*?)\]\)/s.exec(source)?.[1] ?? '').matchAll(/"([^"]+)"/g)].map(([, name]) => name)
      const own = JSON.parse(readFileSync(join(POLICIES, pack, 'params.schema.json'), 'utf8')) as { properties: object }
      assert.deepEqual(new Set(asked), new Set(Object.keys(own.properties).filter((name) => !APPLIED_BEFORE.has(name))))
    })
  }
})
