import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { checkedInputs } from '../support/checked-inputs.ts'
import type { Client, Reply } from '../support/client.ts'
import { uploadPolicy } from '../support/policy-upload.ts'
import { freshDigest } from '../support/reports.ts'
import { startService, type RunningService } from '../support/service.ts'
import { requireTool } from '../support/tools.ts'

const opa = requireTool('opa')

/** Code, file and line of each finding of a refused upload. */
function findings(reply: Reply): string[] {
  equal(reply.status, 422, reply.text)
  const { findings: found } = reply.json<{ findings: { code: string; file: string | null; line: number | null; message: string }[] }>()
  return found.map(({ code, file, line, message }) => `${code} ${file ?? ''}:${line ?? ''} ${message.split(' ')[0]}`)
}

describe('A policy that reaches for what it may not have', () => {
  let service: RunningService
  let admin: Client
  const upload = (files: Readonly<Record<string, string>>): Promise<Reply> => uploadPolicy(admin, '/v1/policies/reach', files)
  before(async () => {
    service = await startService({ PORTCULLIS_OPA: opa.path ?? '/nowhere/opa' })
    admin = service.admin
  })
  after(() => service[Symbol.asyncDispose]())

  it(
    'is refused naming file and line: called, behind an import, put in place with "with", in a template, in a test',
    { skip: opa.skip },
    async () => {
      const reply = await upload({
        'main.rego':
          'package reach\n\nimport data.web as w\n\ndeny contains w.status if input.stage\n\nwarn contains $"at {time.now_ns()}"\n',
        'lib/web.rego': 'package web\n\n# http.send("not this one")\nstatus := http["send"]({"url": "http://127.0.0.1/"}).status\n',
        'swap.rego': 'package swap\n\nf(x) := count(x)\n\nnow := f([1]) if {\n\tf([1]) == 1 with count as rand.intn\n}\n',
        'main_test.rego': 'package reach_test\n\ntest_env if opa.runtime().env.HOME\n',
      })
      deepEqual(findings(reply), [
        'builtin_banned lib/web.rego:4 http.send',
        'builtin_banned main.rego:7 time.now_ns',
        'builtin_banned main_test.rego:3 opa.runtime',
        'builtin_banned swap.rego:6 rand.intn',
      ])
      equal(reply.json()['code'], 'policy_refused')
      equal((await admin.get('/v1/policies/reach')).status, 404)
    },
  )

  it('is refused as a bundle that somebody compiled elsewhere', { skip: opa.skip }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'portcullis-bundle-'))
    try {
      writeFileSync(join(folder, 'a.rego'), 'package reach\n\nresults := [{"msg": "x"} | time.now_ns() > data.web.status]\n')
      writeFileSync(
        join(folder, 'web.rego'),
        'package web\n\nstatus := http.send({"url": "http://127.0.0.1/", "method": "get"}).status_code\n',
      )
      execFileSync(opa.path ?? '', ['build', '-t', 'wasm', '-O', '0', '-e', 'reach/results', '-o', 'bundle.tar.gz', 'a.rego', 'web.rego'], {
        cwd: folder,
      })
      const bundle = Uint8Array.from(readFileSync(join(folder, 'bundle.tar.gz')))
      const reply = await admin.send('PUT', '/v1/policies/reach', bundle, { 'content-type': 'application/gzip' })
      // OPA takes the compiled rule out of the sources: what only the module still tells has no line.
      match(findings(reply).join('\n'), /^builtin_banned web\.rego:3 http\.send/m)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('is refused by name where no OPA is installed, which is told too', async () => {
    await using bare = await startService({ PORTCULLIS_OPA: '/nowhere/opa' })
    const reply = await uploadPolicy(bare.admin, '/v1/policies/reach', {
      'main.rego': 'package reach\n\ndeny contains "x" if time.now_ns() > 0\n',
    })
    deepEqual(findings(reply), ['opa_cli_missing : Rego', 'builtin_banned main.rego:3 time.now_ns'])
    equal(reply.json()['code'], 'opa_cli_missing')
    match(reply.text, /PORTCULLIS_OPA/)
  })
})

describe('A policy as conftest has it', { skip: opa.skip }, () => {
  it('judges posted documents, names controls, and is found by them', async () => {
    await using service = await startService({ PORTCULLIS_OPA: opa.path ?? '' })
    const { admin } = service
    const subject = freshDigest()
    const rego = [
      '# METADATA\n# title: Pods\n# custom:\n#   input: document\npackage main\n',
      '# METADATA\n# title: No root\n# custom:\n#   controls: [SOC2-CC8.1]',
      'deny_root[msg] {\n\tinput.kind == "Pod"\n\tinput.spec.root\n\tmsg := sprintf("%s runs as root.", [input.name])\n}\n',
    ].join('\n')
    const made = await uploadPolicy(admin, '/v1/policies/pods', { 'pods.rego': rego })
    equal(made.status, 201, made.text)
    const bound = await admin.put('/v1/bindings/pods', { pack: 'pods', stage: ['deploy-pods'] })
    equal(bound.status, 201, bound.text)
    const ask = async () => {
      const { violations } = await admin.decide({ subject, stage: 'deploy-pods' })
      return violations.filter(({ rule }) => rule.startsWith('pods.')).map(({ rule, message }) => [rule, message])
    }
    deepEqual(await ask(), [['pods.missing_evidence', 'No usable document counts for this subject.']])
    const pod = JSON.stringify({ kind: 'Pod', name: 'cart', spec: { root: true } })
    const posted = await admin.send('POST', `/v1/evidence?subject=${subject}&format=json&name=pod`, pod)
    equal(posted.status, 201, posted.text)
    deepEqual(await ask(), [['pods.deny_root', 'cart runs as root.']])
    const found = (await admin.get('/v1/decisions?control=SOC2-CC8.1')).json<{ items: { subject: string }[] }>()
    deepEqual(
      found.items.map((item) => item.subject),
      [subject],
    )
  })
})

describe('The input of policies', () => {
  it('is described at /v1/schemas/policy-input, and every input that a policy gets fits', async () => {
    await using service = await startService()
    const reply = await service.admin.get('/v1/schemas/policy-input')
    deepEqual([reply.status, reply.json()['title']], [200, 'Input of a policy'])
    const atFirst = checkedInputs()
    await service.admin.decide({ subject: freshDigest(), stage: 'production' })
    ok(checkedInputs() > atFirst)
  })
})
