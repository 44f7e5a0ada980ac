import { deepEqual, equal, match } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'

import { problemOf } from '../../../../src/http/problem.ts'
import { POLICY_FINDING_CODES, type PolicyFinding } from '../../../../src/policy/authoring/finding.ts'
import type { CompiledPolicy, PolicyCompiler } from '../../../../src/policy/authoring/policy-compiler.ts'
import { PolicyRefusal } from '../../../../src/policy/authoring/refusal.ts'

const BANNED: PolicyFinding = {
  code: 'builtin_banned',
  file: 'a/deny.rego',
  line: 7,
  message: 'It calls http.send.',
  fix: 'Post the answer as evidence.',
}
const NO_CLI: PolicyFinding = { code: 'opa_cli_missing', file: null, line: null, message: 'There is no OPA CLI.', fix: 'Install it.' }

describe('What is said of a refused policy', () => {
  it('names the file and the line, and lists all that is wrong', () => {
    const problem = problemOf(new PolicyRefusal([BANNED, { ...BANNED, line: 9 }]), '/v1/policies/own', 'r1')
    deepEqual([problem.status, problem.code, problem.field, problem.remedy], [422, 'policy_refused', 'a/deny.rego', BANNED.fix])
    equal(problem.detail, 'a/deny.rego:7: It calls http.send. And 1 more.')
    deepEqual(problem.findings, [BANNED, { ...BANNED, line: 9 }])
  })

  it('carries the code of what concerns the upload as a whole, wherever that stands', () => {
    const problem = problemOf(new PolicyRefusal([BANNED, NO_CLI]), '/v1/policies/own', 'r1')
    equal(problem.code, 'opa_cli_missing')
    match(problem.detail, /^There is no OPA CLI\. And 1 more\.$/)
  })

  it('is what a compiler answers in the place of a pack', async () => {
    const compiler: PolicyCompiler = { compile: async (): Promise<CompiledPolicy> => ({ ok: false, findings: [BANNED] }) }
    const compiled = await compiler.compile({ name: 'own', contentType: 'application/gzip', bytes: new Uint8Array() })
    deepEqual(compiled, { ok: false, findings: [BANNED] })
  })

  it('has its codes explained in docs/policies.md', () => {
    const page = readFileSync(join(import.meta.dirname, '../../../../docs/policies.md'), 'utf8')
    deepEqual(
      [...page.matchAll(/^\| `(\w+)` +\|/gm)].map(([, code]) => code),
      [...POLICY_FINDING_CODES],
    )
  })
})
