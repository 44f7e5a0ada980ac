import { describe, it } from 'node:test'
import assert from 'node:assert/strict'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { buildPack, packNames } from '../../../scripts/lib/build-pack.ts'
import { findOpa } from '../../../scripts/opa.ts'
import { OPA_VERSION } from '../../../src/policy/authoring/opa/find-opa.ts'
import { requireTool } from '../../support/tools.ts'

const opa = requireTool('opa')
const POLICIES = join(import.meta.dirname, '../../../policies')

const METADATA = `# METADATA
# title: Demo
# description: Says what it is told.
# scope: package
# custom:
#   classes: [tests]
#   rules:
#     told: Told so
`
const REGO = `${METADATA}package portcullis.demo_pack\n\nimport data.portcullis.lib.names\n\nresults := [{"rule": names.rule} | input.told]\n`

/** A folder of policies with one pack, `demo-pack`. */
function withPolicies(check: (folder: string) => void, files: Record<string, string> = {}): void {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-policies-'))
  const all = {
    'demo-pack/demo.rego': REGO,
    'demo-pack/demo_test.rego': 'package portcullis.demo_pack\n\nthis is not Rego',
    'demo-pack/params.schema.json':
      '{"title":"Own","type":"object","properties":{"own":{"type":"string"},"from":{"const":"own"}},"required":["own"]}',
    'lib/names.rego': 'package portcullis.lib.names\n\nrule := "told"\n',
    'lib/common.params.schema.json':
      '{"title":"Common","type":"object","properties":{"from":{"const":"common"},"minTrust":{}},"$defs":{"a":{}}}',
    ...files,
  }
  try {
    for (const part of ['demo-pack', 'lib', 'dist']) mkdirSync(join(folder, part))
    for (const [name, text] of Object.entries(all)) writeFileSync(join(folder, name), text)
    copyFileSync(join(POLICIES, 'capabilities.json'), join(folder, 'capabilities.json'))
    check(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe('building a pack', { skip: opa.skip }, () => {
  const build = (folder: string) => buildPack(opa.path ?? '', folder, 'demo-pack')

  it('describes it by its METADATA and merges the common parameters under its own', () => {
    withPolicies((folder) => {
      assert.deepEqual(packNames(folder), ['demo-pack'])
      const { manifest } = build(folder)
      assert.equal(manifest.entrypoint, 'portcullis/demo_pack/results')
      assert.equal(manifest.opa, OPA_VERSION)
      assert.deepEqual([manifest.title, manifest.description, manifest.classes], ['Demo', 'Says what it is told.', ['tests']])
      assert.deepEqual(manifest.rules, [{ name: 'told', title: 'Told so' }])
      assert.deepEqual(manifest.parameters, {
        title: 'Own',
        type: 'object',
        properties: { from: { const: 'own' }, minTrust: {}, own: { type: 'string' } },
        required: ['own'],
        $defs: { a: {} },
      })
    })
  })

  it('gives the same bytes wherever the sources lie', () => {
    const built: ReturnType<typeof build>[] = []
    withPolicies((folder) => built.push(build(folder)))
    withPolicies((folder) => built.push(build(folder)))
    assert.deepEqual(built[0], built[1])
  })

  it('gives another digest for another parameter schema or policy', () => {
    const digests = new Set<string>()
    const note = (folder: string): void => void digests.add(build(folder).manifest.digest)
    withPolicies(note)
    withPolicies(note, { 'demo-pack/params.schema.json': '{"type":"object"}' })
    withPolicies(note, { 'lib/names.rego': 'package portcullis.lib.names\n\nrule := "other"\n' })
    assert.equal(digests.size, 3)
  })

  it('refuses a policy that reads the clock, one that does not parse, and one without METADATA', () => {
    const refuses = (rego: string, message: RegExp): void => {
      withPolicies((folder) => assert.throws(() => build(folder), { message }), { 'demo-pack/demo.rego': rego })
    }
    refuses(`${METADATA}package portcullis.demo_pack\n\nresults := [time.now_ns()]\n`, /undefined function time\.now_ns/)
    refuses(`${METADATA}package portcullis.demo_pack\n\nresults := [\n`, /does not compile/)
    refuses('package portcullis.demo_pack\n\nresults := []\n', /METADATA/)
    refuses(REGO.replace('[tests]', '[testing]'), /custom\.classes/)
    refuses(REGO.replace('told: Told so', 'Told: so'), /custom\.rules/)
  })

  it('refuses what a crashing compiler leaves behind', () => {
    withPolicies((folder) => {
      const crashing = join(folder, 'opa')
      writeFileSync(crashing, '#!/bin/sh\necho "panic: runtime error: index out of range" >&2\nexit 2\n')
      chmodSync(crashing, 0o755)
      assert.throws(() => buildPack(crashing, folder, 'demo-pack'), { message: /crashed on pack demo-pack.*index out of range/ })
    })
  })

  it('compiles every shipped pack to exactly what is committed', () => {
    for (const name of packNames(POLICIES)) {
      const { wasm, manifest } = buildPack(opa.path ?? '', POLICIES, name)
      const committed = join(POLICIES, 'dist', name)
      assert.deepEqual(manifest, JSON.parse(readFileSync(join(committed, 'pack.json'), 'utf8')), `${name}: run npm run policies`)
      assert.ok(readFileSync(join(committed, 'policy.wasm')).equals(wasm), `${name}: run npm run policies`)
    }
  })
})

describe('finding the OPA CLI', () => {
  it('does not look further when PORTCULLIS_OPA names something else', () => {
    const found = findOpa({ PORTCULLIS_OPA: process.execPath, PATH: process.env['PATH'] })
    assert.equal(found.path, undefined)
    assert.match(found.path === undefined ? found.problem : '', /PORTCULLIS_OPA names/)
  })
})
