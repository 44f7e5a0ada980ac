import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'

import { readModule } from '../../../../../src/policy/authoring/rego/module.ts'
import { requireTool } from '../../../../support/tools.ts'
import { POLICIES } from '../../shipped-packs.ts'

const opa = requireTool('opa')
const read = (...lines: string[]) => readModule({ path: 'main.rego', text: lines.join('\n') })

describe('A module of Rego', () => {
  it('tells its package and rules, whatever the layout', () => {
    const module = read(
      ...['# comment', 'package a["b-c"].d', 'import data.x', 'default allow := false', 'allow if {', '\tx := 1', '}', 'else := true'],
      ...[
        'deny contains msg if',
        '\tmsg := "deny"',
        ' deny_b[msg] { msg := 1 }',
        'warn_c := [',
        'violation,',
        ']',
        'violation.d contains 1',
        'f(x) := x',
      ],
      ...['deny_e contains x if {', 'x', '} {', 'deny_no', '}'],
    )
    assert.deepEqual(module.package, ['a', 'b-c', 'd'])
    assert.deepEqual(
      module.rules.map(({ name, line, takesArguments }) => `${name}:${line}${takesArguments ? '()' : ''}`),
      ['allow:4', 'allow:5', 'deny:9', 'deny_b:11', 'warn_c:12', 'violation:15', 'f:16()', 'deny_e:17'],
    )
  })

  it('tells what stands in METADATA, and why it cannot be read', () => {
    const { annotations } = read(
      ...[
        '# METADATA',
        '# title: Own',
        '# custom: {controls: [SOC2-CC8.1]}',
        'package own',
        '',
        '# METADATA',
        '# title: Rule',
        'default deny := false',
      ],
      ...['', '# METADATA', '# title: [', 'a := 1', '# METADATA', '# - list', 'b := 1', '# METADATA', '# title: 7', 'c := 1', 'd := 1'],
    )
    assert.deepEqual(annotations, [
      { ok: true, line: 1, rule: null, annotations: { scope: 'package', title: 'Own', custom: { controls: ['SOC2-CC8.1'] } } },
      { ok: true, line: 6, rule: 'deny', annotations: { scope: 'rule', title: 'Rule' } },
      { ok: false, line: 10, message: 'it is not YAML' },
      { ok: false, line: 13, message: 'it is not a mapping' },
      { ok: false, line: 16, message: 'title is not a text' },
    ])
  })

  it('may not name schemas, however the key is spelled and wherever OPA sees the block: it would read files of this machine', () => {
    const messages = (...lines: string[]) =>
      read('package a', ...lines, 'b := 1').annotations.map((block) => (block.ok ? 'ok' : block.message))
    const schema = '# schemas: [{input: {"$ref": "file:///etc/passwd"}}]'
    assert.deepEqual(messages('# METADATA', schema), ['it may not have the key schemas'])
    assert.deepEqual(messages('# METADATA of this rule', '# title: x', schema), ['it may not have the key schemas'])
    assert.deepEqual(messages('a := 1 # METADATA', schema), ['it may not have the key schemas'])
    assert.deepEqual(messages('# METADATA', schema.replace('schemas', '"sch\\u0065mas"')), ['it may not have the key schemas'])
    assert.deepEqual(messages('# METADATA', schema.replace('schemas', 'Schemas')), ['it may not have the key Schemas'])
    assert.deepEqual(messages('# METADATA', '# <<: {schemas: []}'), ['it may not have the key <<'])
    assert.deepEqual(messages('# METADATA', schema.replace('schemas', '!!binary c2NoZW1hcw==')), ['it may not have the key schemas'])
    assert.deepEqual(messages('# METADATA', '# title: x', 'c := 1 # schemas: no'), ['ok'])
  })

  it('does not expand aliases of YAML', () => {
    const { annotations } = read('# METADATA', '# custom: {a: &a [x], b: *a}', 'package own')
    assert.deepEqual(annotations, [{ ok: false, line: 1, message: 'it is not YAML' }])
  })

  it('has the annotations that OPA finds in it', { skip: opa.skip }, () => {
    for (const file of globSync('*/*.rego', { cwd: POLICIES, exclude: ['**/*_test.rego'] })) {
      const inspected = execFileSync(opa.path ?? '', ['inspect', '-a', '-f', 'json', join(POLICIES, file)], { encoding: 'utf8' })
      const { annotations = [] } = JSON.parse(inspected) as {
        annotations?: { location: { row: number }; annotations: Record<string, unknown> }[]
      }
      const theirs = annotations.sort((a, b) => a.location.row - b.location.row).map((entry) => said(entry.annotations))
      const { annotations: blocks } = readModule({ path: file, text: readFileSync(join(POLICIES, file), 'utf8') })
      assert.deepEqual(
        blocks.map((block) => (block.ok ? said(block.annotations) : block.message)),
        theirs,
        file,
      )
    }
  })
})

/** `entrypoint: true` makes a document of a rule for OPA. */
function said({ scope, title, description, custom }: { scope?: unknown; title?: unknown; description?: unknown; custom?: unknown }) {
  return { scope: scope === 'package' ? 'package' : 'rule', title, description, custom }
}
