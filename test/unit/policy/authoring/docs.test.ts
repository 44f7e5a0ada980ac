import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'

import { createPolicyCompiler } from '../../../../src/policy/authoring/create-compiler.ts'
import { compilePack } from '../../../../src/policy/engine/compiled-pack.ts'
import { PackRunner } from '../../../../src/policy/engine/pack-runner.ts'
import { readResults } from '../../../../src/policy/read-results.ts'
import { tar } from '../../../support/tar.ts'
import { requireTool } from '../../../support/tools.ts'
import { POLICIES } from '../shipped-packs.ts'

const opa = requireTool('opa')
const PAGE = readFileSync('docs/policies.md', 'utf8')

describe('The policy of docs/policies.md', { skip: opa.skip }, () => {
  it('is accepted, describes itself and judges as the page says', async () => {
    const memory = { initial: 16, maximum: 4096 }
    const compiler = await createPolicyCompiler({
      policies: POLICIES,
      opa: { named: opa.path, folders: [] },
      trial: { deadlineMs: 1000, memory },
    })
    const [, rego = ''] = /```rego\n(.*?)```/s.exec(PAGE) ?? []
    const files: [string, string][] = [
      ['images.rego', rego],
      ['data.json', '{"teams": ["shop"]}'],
      ['params.schema.json', '{"properties": {"days": {"type": "integer", "minimum": 1, "default": 30}}}'],
    ]
    const compiled = await compiler.compile({ name: 'images', contentType: '', bytes: gzipSync(tar(...files)) })
    assert.ok(compiled.ok, JSON.stringify(compiled))
    const { manifest } = compiled.pack
    assert.deepEqual(
      [manifest.title, manifest.classes, manifest.facts, manifest.rules.map(({ name, controls }) => [name, controls])],
      [
        'Images of the house',
        ['vulnerabilities'],
        ['prior'],
        [
          ['deny_old', ['PCI-6.3.3']],
          ['warn_unowned', ['SOC2-CC8.1']],
        ],
      ],
    )
    const finding = { id: 'CVE-1', severity: 'high', package: 'openssl', first_seen: 0 }
    const input = {
      now: 1_800_000_000,
      labels: {},
      parameters: { days: 30 },
      evidence: [{ findings: [{ ...finding, first_seen: 1_799_999_999 }, finding] }],
    }
    const outcome = new PackRunner(await compilePack(compiled.pack), memory).run(JSON.stringify(input))
    assert.ok(outcome.ok)
    const results = readResults(outcome.results)
    assert.ok(typeof results !== 'string')
    assert.deepEqual(
      results.map(({ rule, effect, message, findings }) => [rule, effect, message, findings]),
      [
        ['deny_old', 'violation', 'CVE-1 in openssl is older than 30 days.', [[0, 1]]],
        ['warn_unowned', 'warning', 'Nobody owns this service: give it a label team.', []],
      ],
    )
  })
})
