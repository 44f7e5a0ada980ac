import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'

import { isAppError } from '../../../../src/core/app-error.ts'
import { createPolicyCompiler } from '../../../../src/policy/authoring/create-compiler.ts'
import { filesOfBundle } from '../../../../src/policy/authoring/opa/bundle-files.ts'
import type { CompiledPolicy, PolicyCompiler } from '../../../../src/policy/authoring/policy-compiler.ts'
import { compilePack } from '../../../../src/policy/engine/compiled-pack.ts'
import type { LoadedPack } from '../../../../src/policy/engine/load-packs.ts'
import { PackRunner } from '../../../../src/policy/engine/pack-runner.ts'
import { readResults } from '../../../../src/policy/read-results.ts'
import { tar } from '../../../support/tar.ts'
import { requireTool } from '../../../support/tools.ts'
import { POLICIES } from '../shipped-packs.ts'

type Sources = Readonly<Record<string, string>>

const opa = requireTool('opa')
const trial = { deadlineMs: 250, memory: { initial: 16, maximum: 4096 } }

function compilerWith(cli: string | undefined, limits?: { timeoutMs: number; memoryBytes: number }): Promise<PolicyCompiler> {
  return createPolicyCompiler({ policies: POLICIES, opa: { named: cli ?? '/nowhere/opa', folders: [] }, trial, ...(limits && { limits }) })
}

function send(compiler: PolicyCompiler, sources: Sources): Promise<CompiledPolicy> {
  return compiler.compile({ name: 'own', contentType: 'application/gzip', bytes: gzipSync(tar(...Object.entries(sources))) })
}

function told(compiled: CompiledPolicy): string[] {
  return compiled.ok
    ? ['accepted']
    : compiled.findings.map(({ code, file, line, message }) => `${code} ${file ?? ''}:${line ?? ''} ${message}`)
}

function packOf(compiled: CompiledPolicy): LoadedPack {
  assert.deepEqual(told(compiled), ['accepted'])
  return (compiled as CompiledPolicy & { ok: true }).pack
}

async function results(pack: LoadedPack, input: object): Promise<unknown> {
  const outcome = new PackRunner(await compilePack(pack), trial.memory).run(JSON.stringify(input))
  assert.ok(outcome.ok, JSON.stringify(outcome))
  const read = readResults(outcome.results)
  return typeof read === 'string' ? read : read.map(({ rule, effect, message, evidence }) => [rule, effect, message, ...(evidence ?? [])])
}

const NEVER = 'package main\n\ndeny contains "never" if input.stage == "production"\n'

describe('Rego that is uploaded', { skip: opa.skip }, () => {
  let compiler: PolicyCompiler
  before(async () => {
    compiler = await compilerWith(opa.path)
  })

  it('becomes a pack, of whichever kind its rules are', async () => {
    const conftest = packOf(
      await send(compiler, {
        'main.rego': NEVER,
        'lib/more.rego': 'package lib.more\n\nwarn_old contains {"msg": "old", "code": "W-1"} if input.now > 5\n',
      }),
    )
    assert.deepEqual(
      [conftest.manifest.title, conftest.manifest.rules, conftest.manifest.classes, conftest.manifest.facts],
      [
        'own',
        [
          { name: 'deny', title: 'Deny' },
          { name: 'warn_old', title: 'Warn old' },
        ],
        [],
        [],
      ],
    )
    assert.deepEqual(await results(conftest, { stage: 'production', now: 6 }), [
      ['deny', 'violation', 'never'],
      ['w_1', 'warning', 'old'],
    ])
    const own = packOf(
      await send(compiler, {
        'own.rego': 'package own\n\nresults := [{"rule": "late", "msg": "late", "effect": "warning"} | input.now > 5]\n',
      }),
    )
    assert.equal(own.manifest.entrypoint, 'own/results')
    assert.deepEqual(await results(own, { now: 6 }), [['late', 'warning', 'late']])
  })

  it('may be as conftest read it before Rego v1, beside modules in v1', async () => {
    const old =
      'package main\n\nimport future.keywords.in\n\ndeny[msg] {\n\tinput.stage == "production"\n\tmsg = sprintf("not at %v", [input.stage])\n}\n\nviolation[{"msg": msg, "details": {}}] {\n\tsome x in ["a"]\n\tmsg := x\n}\n'
    const pack = packOf(
      await send(compiler, { 'old.rego': old, 'new.rego': NEVER, 'old_test.rego': 'package main\n\ntest_old { count(violation) == 1 }\n' }),
    )
    assert.deepEqual(await results(pack, { stage: 'production' }), [
      ['deny', 'violation', 'never'],
      ['deny', 'violation', 'not at production'],
      ['violation', 'violation', 'a'],
    ])
  })

  it('asks no rule that an exception of conftest is made for', async () => {
    const main =
      'package main\n\ndeny_root contains "root"\n\ndeny_latest contains "latest"\n\nexception contains ["root"] if input.stage == "test"\n'
    const pack = packOf(await send(compiler, { 'main.rego': main }))
    assert.deepEqual(await results(pack, { stage: 'test' }), [['deny_latest', 'violation', 'latest']])
    assert.deepEqual(await results(pack, { stage: 'production' }), [
      ['deny_latest', 'violation', 'latest'],
      ['deny_root', 'violation', 'root'],
    ])
  })

  it('reads each posted document as its input where METADATA says so, and says so where there is none', async () => {
    const main =
      '# METADATA\n# custom:\n#   input: document\npackage main\n\ndeny contains msg if {\n\tinput.kind == "Pod"\n\tmsg := input.name\n}\n'
    const pack = packOf(await send(compiler, { 'main.rego': main }))
    assert.deepEqual(pack.manifest.classes, ['json'])
    const evidence = [{ document: { kind: 'Pod', name: 'a' } }, { document: null }, { document: { kind: 'Pod', name: 'b' } }].map(
      (one) => ({ ...one, completeness: 'complete' }),
    )
    assert.deepEqual(await results(pack, { evidence, parameters: { missing: 'violation' } }), [
      ['deny', 'violation', 'a', 0],
      ['deny', 'violation', 'b', 2],
    ])
    assert.deepEqual(await results(pack, { evidence: [], parameters: { missing: 'warning' } }), [
      ['missing_evidence', 'warning', 'No usable document counts for this subject.'],
    ])
    assert.deepEqual(await results(pack, { evidence: [], parameters: { missing: 'ignore' } }), [])
  })

  it('describes itself, has data and parameters of its own, and the same sources give the same pack', async () => {
    const sources = {
      'main.rego': `# METADATA
# title: Own
# description: What it says.
# custom:
#   controls: [PCI-6.5.1]
#   facts: [prior]
package main

# METADATA
# title: Only known teams
# custom:
#   controls: [SOC2-CC8.1]
deny_team contains "unknown" if not input.labels.team in data.teams.known

warn_old contains "old" if input.evidence[0].time < input.parameters.from_time
`,
      'teams/data.json': '{"known": ["a", "b"]}',
      'params.schema.json': '{"properties": {"from_time": {"type": "number", "default": 7}}}',
      'README.md': 'Nothing.',
    }
    const pack = packOf(await send(compiler, sources))
    const { title, description, classes, facts, rules, parameters, opa: version } = pack.manifest
    assert.deepEqual([title, description, facts, version], ['Own', 'What it says.', ['prior'], '1.22.0'])
    assert.ok(classes.includes('vulnerabilities') && classes.includes('json'))
    assert.deepEqual(rules, [
      { name: 'deny_team', title: 'Only known teams', controls: ['SOC2-CC8.1'] },
      { name: 'warn_old', title: 'Warn old', controls: ['PCI-6.5.1'] },
    ])
    assert.deepEqual(Object.keys(parameters['properties'] as object).slice(-2), ['vexPackagesFrom', 'from_time'])
    assert.equal(pack.data, '{"teams":{"known":["a","b"]}}')
    assert.deepEqual(await results(pack, { labels: { team: 'c' } }), [['deny_team', 'violation', 'unknown']])
    assert.deepEqual(packOf(await send(compiler, { ...sources, 'README.md': 'Else.' })).manifest, pack.manifest)
  })

  it('is refused with everything that is wrong with it', async () => {
    const findings = told(
      await send(compiler, {
        'main.rego':
          '# METADATA\n# custom: {controls: [a b]}\npackage main\n\ndeny contains "x" if time.now_ns() > 0\n\nwarn contains nope(1)\n',
        'main_test.rego': 'package main_test\n\ntest_a if 1 == 2\n',
        'data.json': '[]',
        'params.schema.json': '{"properties": {"a": {"type": "nothing"}}}',
      }),
    )
    assert.deepEqual(
      findings.map((finding) => finding.split(' ').slice(0, 2).join(' ')),
      [
        ...['data_invalid data.json:', 'metadata_invalid main.rego:1', 'builtin_banned main.rego:5'],
        ...['rego_invalid main.rego:7', 'parameters_schema_invalid params.schema.json:'],
      ],
    )
  })

  it('is refused for what it reads that no input has', async () => {
    const typo = 'package main\n\ndeny contains "x" if {\n\tinput.enviroment == "x"\n}\n'
    assert.deepEqual(told(await send(compiler, { 'main.rego': typo })), ['input_unknown main.rego:4 input.enviroment is not in the input.'])
  })

  it('is refused before OPA reads a file of this machine for it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'portcullis-secret-'))
    try {
      writeFileSync(join(folder, 'secret.json'), '{"type": "object", "properties": {"known": {"type": "string"}}}')
      const module = `# METADATA\n# schemas:\n#   - input: {"$ref": "file://${folder}/secret.json"}\npackage main\n\ndeny contains input.guessed\n`
      assert.deepEqual(told(await send(compiler, { 'main.rego': module, 'main_test.rego': module })), [
        "metadata_invalid main.rego:1 METADATA can't be used: it may not have the key schemas.",
        "metadata_invalid main_test.rego:1 METADATA can't be used: it may not have the key schemas.",
      ])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('is refused for parameters whose defaults are matched for ever', async () => {
    const schema = { properties: { a: { type: 'string', pattern: '^(a+)+$', default: `${'a'.repeat(60)}!` } } }
    const findings = told(await send(compiler, { 'main.rego': NEVER, 'params.schema.json': JSON.stringify(schema) }))
    assert.match(findings.join(), /^parameters_schema_invalid params.schema.json: .*take too long/)
  })

  it('is refused for what its tests call before any of them runs', async () => {
    const leak =
      'package main_test\n\nimport data.helpers as h\n\ntest_a if opa.runtime().env.HOME\n\ntest_b if h.get.status_code == 200\n\ntest_c if count([]) == 1 with count as rand.intn\n'
    const helpers = 'package helpers\n\nget := http.send({"method": "get", "url": "http://127.0.0.1:1/"})\n'
    assert.deepEqual(told(await send(compiler, { 'main.rego': NEVER, 'main_test.rego': leak, 'helpers_test.rego': helpers })), [
      'builtin_banned helpers_test.rego:3 http.send is not offered.',
      'builtin_banned main_test.rego:5 opa.runtime is not offered.',
      'builtin_banned main_test.rego:9 rand.intn is not offered.',
    ])
  })

  it('is refused where a test of its own fails or never ends', async () => {
    const test =
      'package main_test\n\nimport data.main\n\ntest_good if count(main.deny) == 1 with input as {"stage": "production"}\n\ntest_bad if count(main.deny) == 1 with input as {"stage": "x"}\n'
    assert.deepEqual(told(await send(compiler, { 'main.rego': NEVER, 'main_test.rego': test })), [
      'tests_failed main_test.rego:7 The test main_test.test_bad fails.',
    ])
  })

  it('is refused where its rules are not found, or would not be asked', async () => {
    assert.deepEqual(told(await send(compiler, { 'a.rego': 'package a\n\nallow := true\n\ndeny(x) := x\n' })), [
      'entrypoint_missing a.rego: No rule is named deny, violation, warn or results.',
    ])
    assert.deepEqual(told(await send(compiler, { 'a.rego': `${NEVER}\nresults := []\n` })), [
      'rules_not_gathered a.rego:3 Only results is asked, so deny would say nothing.',
    ])
    const several = { 'a.rego': 'package a\n\nresults := []\n', 'b.rego': 'package b\n\nresults := []\n' }
    assert.deepEqual(told(await send(compiler, several)), ['entrypoint_missing : There is a rule results in each of a, b.'])
    const marked = '# METADATA\n# entrypoint: true\nresults := []\n'
    assert.equal(packOf(await send(compiler, { ...several, 'b.rego': `package b\n\n${marked}` })).manifest.entrypoint, 'b/results')
    assert.match(
      told(await send(compiler, { 'a.rego': 'package portcullis.gathered\n\ndeny contains "x"\n' }))[0] ?? '',
      /^package_reserved a.rego:1/,
    )
    assert.match(told(await send(compiler, { 'a_test.rego': 'package a\n' }))[0] ?? '', /^upload_empty/)
  })

  it('is refused where it loops, contradicts itself, eats the memory or says what nobody understands', async () => {
    const bodies: Readonly<Record<string, RegExp>> = {
      'deny contains "x" if count([1 | some a in numbers.range(1, 3000); some b in numbers.range(1, 3000); a == b]) == 1':
        /^policy_timeout : .* it ran longer than 250 ms/,
      'a := 1 if input.stage\n\na := 2 if input.stage\n\ndeny contains a': /^policy_error a.rego:[35] .* conflict/,
      'deny contains x if x := strings.repeat("abcdefghij", 99999999)': /^(?:policy_|rego_invalid)/,
      'deny contains 7': /^result_invalid .* neither a string nor an object/,
      'deny := 7': /^result_invalid .* rule deny is neither/,
      'results := {"a": 1}': /^policy_error .* something else than an array/,
    }
    for (const [body, expected] of Object.entries(bodies)) {
      const [first = '', ...more] = told(await send(compiler, { 'a.rego': `package a\n\n${body}\n` }))
      assert.match(first, expected, body)
      assert.deepEqual(more, [], body)
    }
  })

  it('leaves nothing behind, whatever comes of it', async () => {
    const left = () => readdirSync(tmpdir()).filter((name) => name.startsWith('portcullis-policy-')).length
    const atFirst = left()
    await send(compiler, { 'main.rego': NEVER })
    await send(compiler, { 'main.rego': 'package a\n{' })
    assert.equal(left(), atFirst)
  })

  it('is compiled a few at a time, and refused where too many wait', async () => {
    const slow = await compilerWith(undefined)
    const outcomes = await Promise.allSettled(Array.from({ length: 14 }, () => send(slow, { 'main.rego': NEVER })))
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
    assert.equal(refused.length, 4)
    assert.ok(refused.every(({ reason }) => isAppError(reason) && reason.code === 'overloaded'))
    assert.deepEqual(
      told(await send(slow, { 'main.rego': NEVER })).map((finding) => finding.split(' ')[0]),
      ['opa_cli_missing'],
    )
  })
})

describe('Rego where no CLI is installed', () => {
  it('is refused with what to install, and with the builtins that it would be refused for', async () => {
    const compiler = await compilerWith(undefined)
    const compiled = await send(compiler, { 'main.rego': 'package main\n\ndeny contains "x" if http.send({}).x\n' })
    assert.ok(!compiled.ok)
    assert.deepEqual(told(compiled), [
      'opa_cli_missing : Rego is compiled with the OPA CLI 1.22.0, which this service does not find.',
      'builtin_banned main.rego:3 http.send is not offered.',
    ])
    assert.match(compiled.findings[0].fix, /releases\/tag\/v1\.22\.0.*PORTCULLIS_OPA/)
  })
})

describe('The runs of the CLI', () => {
  let folder: string
  before(() => (folder = mkdtempSync(join(tmpdir(), 'portcullis-cli-'))))
  after(() => rmSync(folder, { recursive: true }))

  async function withCli(body: string, limits?: { timeoutMs: number; memoryBytes: number }): Promise<CompiledPolicy> {
    const path = join(folder, 'opa')
    writeFileSync(path, `#!/bin/sh\nif [ "$1" = version ]; then echo "Version: 1.22.0"; exit 0; fi\n${body}\n`)
    chmodSync(path, 0o700)
    process.env['PORTCULLIS_CANARY'] = 'secret'
    try {
      return await send(await compilerWith(path, limits), { 'main.rego': NEVER })
    } finally {
      delete process.env['PORTCULLIS_CANARY']
    }
  }

  it('see no environment, and a folder of their own', async () => {
    const report = join(folder, 'report')
    await withCli(`/usr/bin/env > ${report}; pwd >> ${report}; echo "$@" >> ${report}; exit 1`)
    const [seen, place, options] = readFileSync(report, 'utf8').trim().split('\n').slice(-3)
    assert.ok(!readFileSync(report, 'utf8').includes('secret'))
    assert.match(seen ?? '', /^(?:PWD|_|SHLVL)=/)
    assert.match(place ?? '', /portcullis-policy-\w+\/parsing$/)
    assert.match(options ?? '', /--capabilities \S+capabilities.json/)
  })

  it('end at their deadline, and with too much output', async () => {
    const limits = { timeoutMs: 300, memoryBytes: 1024 * 1024 * 1024 }
    assert.match(told(await withCli('while true; do :; done', limits))[0] ?? '', /^compiler_failed : .* It took too long\./)
    assert.match(
      told(await withCli('while true; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done'))[0] ?? '',
      /^compiler_failed : .* It said too much\./,
    )
    assert.match(told(await withCli('echo "panic: oops" >&2; exit 2'))[0] ?? '', /^compiler_failed : .* Panic: oops\./)
  })

  it('get no more memory than they may have', { skip: opa.skip }, async () => {
    const path = opa.path ?? ''
    assert.match(
      told(await withCli(`exec ${path} "$@"`, { timeoutMs: 20_000, memoryBytes: 20 * 1024 * 1024 }))[0] ?? '',
      /^compiler_failed/,
    )
  })
})

describe('A bundle that is uploaded', { skip: opa.skip }, () => {
  let folder: string
  let compiler: PolicyCompiler
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'portcullis-bundle-'))
    compiler = await compilerWith(undefined)
  })
  after(() => rmSync(folder, { recursive: true }))

  function built(sources: Sources, ...entrypoints: string[]): Buffer {
    const own = mkdtempSync(join(folder, 'sources-'))
    for (const [path, text] of Object.entries(sources)) writeFileSync(join(own, path), text)
    const options = ['build', '-t', 'wasm', '-O', '0', ...entrypoints.flatMap((path) => ['-e', path]), '-o', '../bundle.tar.gz', '-b', '.']
    execFileSync(opa.path ?? '', options, { cwd: own })
    return readFileSync(join(dirname(own), 'bundle.tar.gz'))
  }
  const sent = (bytes: Uint8Array) => compiler.compile({ name: 'own', contentType: 'application/octet-stream', bytes })
  const RESULTS = '# METADATA\n# title: Own\npackage own\n\nresults contains "x" if input.stage in data.stages\n'

  it('becomes a pack without a CLI', async () => {
    const pack = packOf(await sent(built({ 'own.rego': RESULTS, 'data.json': '{"stages": ["a"]}' }, 'own/results')))
    assert.deepEqual([pack.manifest.title, pack.manifest.opa, pack.manifest.entrypoint], ['Own', 'unknown', 'own/results'])
    assert.deepEqual(await results(pack, { stage: 'a' }), [['violation', undefined, 'x']])
  })

  it('is refused for builtins that it calls, named where its sources still show them', async () => {
    const banned = RESULTS.replace('input.stage in data.stages', 'time.now_ns() > http.send({"url": "x"}).y')
    assert.deepEqual(told(await sent(built({ 'own.rego': banned }, 'own/results'))).sort(), [
      'builtin_banned policy.wasm: http.send is not offered.',
      'builtin_banned policy.wasm: time.now_ns is not offered.',
    ])
    const web = 'package web\n\nget := http.send({"url": "x"})\n'
    const caller = RESULTS.replace('input.stage in data.stages', 'data.web.get.y')
    assert.deepEqual(told(await sent(built({ 'own.rego': caller, 'web.rego': web }, 'own/results'))), [
      'builtin_banned web.rego:3 http.send is not offered.',
    ])
  })

  it('is refused without one entry point, or with a policy that the engine cannot load', async () => {
    const rules = 'package main\n\ndeny contains "x"\n\nwarn contains "y"\n'
    assert.match(
      told(await sent(built({ 'a.rego': rules }, 'main/deny', 'main/warn')))[0] ?? '',
      /^entrypoint_missing .manifest: .* main\/deny, main\/warn/,
    )
    const files = filesOfBundle(built({ 'own.rego': RESULTS }, 'own/results'))
    const changed = (changes: Readonly<Record<string, string | Uint8Array>>) =>
      sent(gzipSync(tar(...Object.entries({ ...Object.fromEntries(files), ...changes }).map(([path, content]) => ({ path, content })))))
    assert.match(told(await changed({ 'policy.wasm': 'nothing' }))[0] ?? '', /^bundle_invalid policy.wasm/)
    assert.match(
      told(await changed({ '.manifest': '{"wasm": [{"entrypoint": "own/other"}]}' }))[0] ?? '',
      /^entrypoint_missing policy.wasm: .* own\/other/,
    )
    assert.match(told(await changed({ '.manifest': 'nothing' }))[0] ?? '', /^bundle_invalid .manifest/)
    assert.match(told(await changed({ 'data.json': '[1]' }))[0] ?? '', /^data_invalid data.json/)
  })

  it('is refused where its code never returns', async () => {
    // (module (func $start (loop br 0)) (start $start))
    const endless = Buffer.from('0061736d01000000010401600000030201000801000a0901070003400c000b0b', 'hex')
    const bytes = gzipSync(tar({ path: 'policy.wasm', content: endless }, ['.manifest', '{"wasm": [{"entrypoint": "own/results"}]}']))
    assert.match(told(await sent(bytes))[0] ?? '', /^bundle_invalid policy.wasm/)
  })
})
