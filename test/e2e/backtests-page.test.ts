import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'

import { eventually } from '../support/eventually.ts'
import { freshDigest, lcov, trivy } from '../support/reports.ts'
import { startService, type RunningService } from '../support/service.ts'
import { codeBlocks, runShell, shellBlocks } from '../support/shell.ts'

const PAGE = readFileSync('docs/backtests.md', 'utf8')

describe('docs/backtests.md', () => {
  const [, begin = '', look = '', explain = ''] = shellBlocks(PAGE)
  const [operation = '', rule = ''] = codeBlocks(PAGE, 'json')
  let service: RunningService
  let decision: string
  before(async () => {
    service = await startService()
    const subject = freshDigest()
    await service.admin.submit(subject, trivy({ severities: ['HIGH'] }))
    await service.admin.submit(subject, lcov(71))
    decision = (await service.admin.decide({ subject, stage: 'production' })).id
  })
  after(() => service[Symbol.asyncDispose]())

  async function run(script: string): Promise<string> {
    const { status, stdout, stderr } = await runShell(`URL=${service.url} TOKEN=${service.adminToken} DECISION=${decision}\n${script}`, '.')
    equal(status, 0, stdout + stderr)
    return stdout
  }

  it('begins a backtest that tells how far it is, and at last what it found', async () => {
    match(await run(begin), /^HTTP\/1\.1 202 [^]*\nlocation: \/v1\/operations\//i)
    const read = async (): Promise<Record<string, unknown>> =>
      (JSON.parse(await run(look)) as { items: Record<string, unknown>[] }).items[0] ?? {}
    await eventually('it ended', async () => (await read())['state'] !== 'running')
    const { state, progress, result } = await read()
    deepEqual([state, progress], ['succeeded', { done: 1, total: 1, percent: 100 }])
    const shown = JSON.parse(operation) as { result: object; progress: object }
    for (const name of Object.keys(shown.result)) ok(name in (result as object), name)
    deepEqual((result as Record<string, unknown>)['denyToAllow'], 1)
  })

  it('explains a decision as it says', async () => {
    const { bindings } = JSON.parse(await run(explain)) as { bindings: { rules: Record<string, unknown>[] }[] }
    const shown = JSON.parse(rule) as { rule: string; facts: object[]; parameters: { path: string; flip: object }[] }
    const found = bindings.flatMap(({ rules }) => rules).find((each) => each['rule'] === shown.rule) as typeof shown | undefined
    ok(found)
    deepEqual(
      found.facts.filter((fact) => 'path' in fact && fact.path === '/evidence/0/coverage/lines'),
      shown.facts,
    )
    const flips = found.parameters.filter(({ path }) => path === '/parameters/minimum/lines')
    deepEqual(
      flips.map(({ flip }) => ({ ...flip, verdict: 'allow' })),
      shown.parameters.map(({ flip }) => flip),
    )
  })
})
