import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'

import type { Waiver } from '../../src/governance/waivers/waiver.ts'
import type { Client } from '../support/client.ts'
import { freshDigest, trivy } from '../support/reports.ts'
import { startService, type RunningService } from '../support/service.ts'
import { codeBlocks, runShell, shellBlocks } from '../support/shell.ts'

const PAGE = readFileSync('docs/waivers.md', 'utf8')
const REPOSITORY = 'github.com/acme/cart'

describe('docs/waivers.md', () => {
  const [request = '', decide = '', revoke = '', lists = ''] = shellBlocks(PAGE)
  let service: RunningService
  let pipeline: Client
  const tokens: Record<string, string> = {}
  const subject = freshDigest()

  before(async () => {
    service = await startService()
    const { admin } = service
    await admin.put('/v1/principals/cart-pipeline', { kind: 'workload' })
    await admin.put('/v1/principals/ann', { kind: 'human' })
    const confinement = { repositories: [REPOSITORY] }
    tokens['TOKEN'] = await admin.issueToken({ principal: 'cart-pipeline', description: 'x', roles: ['pipeline'], confinement })
    tokens['ANN'] = await admin.issueToken({ principal: 'ann', description: 'x', roles: ['approver'] })
    pipeline = admin.as(tokens['TOKEN'])
    await pipeline.submit(subject, trivy({ severities: ['CRITICAL'] }))
  })
  after(() => service[Symbol.asyncDispose]())

  async function run(script: string, variables: Record<string, string> = {}): Promise<string> {
    const set = Object.entries({ URL: service.url, ...tokens, ...variables }).map(([name, value]) => `${name}=${value}`)
    const { status, stdout, stderr } = await runShell(`${set.join(' ')}\n${script}`, '.')
    equal(status, 0, stdout + stderr)
    return stdout
  }

  it('leads from a deny to an allow and back', async () => {
    const ask = () => pipeline.decide({ subject, stage: 'production' })
    equal((await ask()).verdict, 'deny')
    const waiver = JSON.parse(await run(request)) as Waiver & { warnings: string[] }
    deepEqual([waiver.state, waiver.warnings, waiver.scope.repository], ['requested', [], REPOSITORY])

    const [list = '', approve = ''] = decide.split('\n')
    const { items } = JSON.parse(await run(list)) as { items: Waiver[] }
    deepEqual(
      items.map(({ id }) => id),
      [waiver.id],
    )
    equal((JSON.parse(await run(approve, { ID: waiver.id })) as Waiver).state, 'approved')

    const allowed = await ask()
    const [shown = ''] = codeBlocks(PAGE, 'json')
    const documented = JSON.parse(shown) as { verdict: string; waived: [Record<string, unknown>] }
    equal(allowed.verdict, documented.verdict)
    const [waived] = allowed.waived as unknown as Record<string, unknown>[]
    deepEqual(Object.keys(waived ?? {}), Object.keys(documented.waived[0]))
    const same = ['kind', 'rule', 'reason', 'requestedBy', 'approvedBy', 'bindings', 'count'] as const
    for (const key of same) deepEqual(waived?.[key], documented.waived[0][key], key)
    equal(waived?.['waiver'], waiver.id)

    const soon = lists.trim().split('\n')
    equal(soon.length, 2)
    for (const line of soon) ok(Array.isArray((JSON.parse(await run(line)) as { items: Waiver[] }).items), line)
    match(await run(soon[1] ?? ''), new RegExp(waiver.id))

    equal((JSON.parse(await run(revoke, { ID: waiver.id })) as Waiver).state, 'revoked')
    equal((await ask()).verdict, 'deny')
  })

  it('names the settings, metrics and states as they are', async () => {
    const { text } = await service.admin.get('/metrics')
    const metrics = [...PAGE.matchAll(/\bportcullis_\w+/g)].map(([name]) => name)
    ok(metrics.length >= 2)
    for (const name of metrics) ok(text.includes(`# HELP ${name} `), name)
    match(text, /portcullis_waivers\{state="revoked"\} 1/)
    match(text, /portcullis_waivers_expiring 0/)
    const config = readFileSync('src/config/config.ts', 'utf8')
    for (const [name] of PAGE.matchAll(/\bPORTCULLIS_\w+/g)) ok(config.includes(`'${name}'`), name)
  })
})
