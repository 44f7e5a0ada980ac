import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'

import { freshDigest, trivy } from '../support/reports.ts'
import { startService, type RunningService } from '../support/service.ts'
import { runShell, shellBlocks, type ShellResult } from '../support/shell.ts'

const PAGE = readFileSync('docs/outage.md', 'utf8')

describe('docs/outage.md', () => {
  const [step = '', report = ''] = shellBlocks(PAGE)
  let service: RunningService
  before(async () => {
    service = await startService()
  })
  after(() => service[Symbol.asyncDispose]())

  const run = (script: string, subject: string, url = service.url): Promise<ShellResult> =>
    runShell(`URL=${url} TOKEN=${service.adminToken} SUBJECT=${subject} RUN=${subject.slice(7, 20)}\n${script}`, '.')

  it('tells an allow, a deny and an outage apart', async () => {
    const [good, bad] = [freshDigest(), freshDigest()]
    await service.admin.submit(good, trivy({ severities: [] }))
    await service.admin.submit(bad, trivy({ severities: ['CRITICAL'] }))
    const allowed = await run(step, good)
    equal(allowed.status, 0, allowed.stdout + allowed.stderr)
    match(allowed.stdout, /^ALLOW/)
    const denied = await run(step, bad)
    equal(denied.status, 22)
    match(denied.stdout, /^DENY/)
    const down = await run(step.replace('--retry 5', '--retry 1'), good, 'http://127.0.0.1:9')
    ok([6, 7, 28].includes(down.status ?? 0), `${down.status} ${down.stderr}`)
  })

  it('puts on record what went round the gate', async () => {
    const { stdout } = await run(report, freshDigest())
    const { grounded, bypass } = JSON.parse(stdout) as Record<string, unknown>
    deepEqual([grounded, bypass], [false, true])
  })

  it('names the metrics as they are', async () => {
    const { text } = await service.admin.get('/metrics')
    for (const [name] of PAGE.matchAll(/\bportcullis_\w+/g)) ok(text.includes(`# HELP ${name} `), name)
  })
})
