import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'

import { EVIDENCE_CLASSES } from '../../../src/core/evidence-class.ts'
import { FACT_NAMES } from '../../../src/policy/facts.ts'
import { POLICY_INPUT_SCHEMA } from '../../../src/policy/input-schema.ts'
import type { PackManifest } from '../../../src/policy/model.ts'
import { requireTool } from '../../support/tools.ts'
import { inputsFor } from './generated/inputs.ts'
import { POLICIES } from './shipped-packs.ts'

const opa = requireTool('opa')

describe('The schema of inputs', () => {
  const ajv = new Ajv2020({ strict: true, allErrors: true, formats: { 'date-time': true } })
  const validate = ajv.compile(POLICY_INPUT_SCHEMA)

  it('holds for every input that a pack can get, and each of its members matters', () => {
    const pack = { classes: EVIDENCE_CLASSES, facts: FACT_NAMES } as unknown as PackManifest
    fc.assert(
      fc.property(inputsFor(pack), (input) => {
        const whole: Readonly<Record<string, unknown>> = { ...input, parameters: { limit: 3 } }
        assert.ok(validate(whole), ajv.errorsText(validate.errors))
        for (const key of Object.keys(whole)) {
          const { [key]: _, ...rest } = whole
          assert.equal(validate(rest), false, key)
        }
        assert.equal(validate({ ...whole, more: 1 }), false)
      }),
      { numRuns: 300, seed: 20_270_115 },
    )
  })

  describe('to OPA', { skip: opa.skip }, () => {
    let folder: string
    before(() => {
      folder = mkdtempSync(join(tmpdir(), 'portcullis-schema-'))
      writeFileSync(join(folder, 'schema.json'), JSON.stringify(POLICY_INPUT_SCHEMA))
    })
    after(() => rmSync(folder, { recursive: true }))

    function check(...paths: string[]) {
      const options = ['check', '--schema', join(folder, 'schema.json'), '--capabilities', join(POLICIES, 'capabilities.json'), ...paths]
      const { status, stderr, stdout, error } = spawnSync(opa.path ?? '', options, { encoding: 'utf8' })
      assert.equal(error, undefined)
      return { status, said: stderr + stdout }
    }

    it('fits every shipped pack and its tests', () => {
      cpSync(POLICIES, join(folder, 'policies'), { recursive: true, filter: (path) => !/\.(?:json|wasm|md)$/.test(path) })
      assert.deepEqual(check(join(folder, 'policies')), { status: 0, said: '' })
    })

    it('tells what is not in the input; below what may be null OPA does not look', () => {
      const wrong = ['input.enviroment', 'input.evidence[0].findings[0].sevrity', 'input.subject.id.x', 'input.platforms[0].arch']
      const right = [
        'input.repository == null',
        'input.evidence[0].link.kind == "source"',
        'input.context.anything.at.all',
        'input.labels.x',
        'input.evidence[0].document.x.y',
        'input.parameters.x',
      ]
      const rules = [...wrong, ...right].map((expression, at) => `r${at} if ${expression}`)
      writeFileSync(join(folder, 'a.rego'), `package a\n\n${rules.join('\n')}\n`)
      const { status, said } = check(join(folder, 'a.rego'))
      assert.equal(status, 1)
      assert.deepEqual(
        [...said.matchAll(/undefined ref: (\S+)/g)].map(([, path]) => path),
        wrong,
      )
    })
  })
})
