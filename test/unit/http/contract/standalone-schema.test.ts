import { equal, ok } from 'node:assert/strict'
import { describe, it } from 'node:test'

import { Ajv2020 } from 'ajv/dist/2020.js'

import { readContract } from '../../../../src/http/contract/document.ts'
import { standaloneSchema } from '../../../../src/http/contract/standalone-schema.ts'

describe('The schema of documents', () => {
  const ajv = new Ajv2020({ strict: false, formats: { 'date-time': true } })
  const validate = ajv.compile(standaloneSchema(readContract(), 'ResourceDocument'))
  const document = (kind: string, spec: object): object => ({ apiVersion: 'portcullis/v1', kind, name: 'x', spec })
  const week = { zone: 'UTC', weekdays: ['mon'], from: '09:00', to: '17:00' }

  it('stands alone and takes each kind by its own rules', () => {
    equal(validate(document('Window', week)), true, JSON.stringify(validate.errors))
    equal(validate(document('Freeze', { from: '2030-01-01T00:00:00Z', until: '2030-01-02T00:00:00Z' })), true)
    equal(validate(document('Binding', { pack: 'tests', stage: ['lab'] })), true)
    equal(validate(document('Issuer', { kind: 'openid', issuer: 'https://x.example' })), true)
  })

  it('refuses fields of another kind, unknown kinds and versions', () => {
    for (const wrong of [
      document('Window', { ...week, until: '2030-01-02T00:00:00Z' }),
      document('Binding', week),
      document('Team', {}),
      { ...document('Window', week), apiVersion: 'portcullis/v2' },
      { ...document('Window', week), metadata: {} },
    ]) {
      ok(!validate(wrong), JSON.stringify(wrong))
    }
  })
})
