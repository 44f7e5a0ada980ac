import { deepEqual, equal, match } from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { denyingRules } from '../support/client.ts'
import { freshDigest, trivy } from '../support/reports.ts'
import { startService, type RunningService } from '../support/service.ts'
import { runShell, shellBlocks } from '../support/shell.ts'

const PAGE = readFileSync('docs/rollback.md', 'utf8')
const REPOSITORY = 'github.com/acme/cart'

describe('docs/rollback.md', () => {
  const [target = '', back = '', block = '', lift = ''] = shellBlocks(PAGE)
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-rollback-'))
  let service: RunningService
  const released: string[] = []

  before(async () => {
    service = await startService()
    for (let n = 0; n < 2; n++) released.push(await release())
  })
  after(async () => {
    rmSync(folder, { recursive: true })
    await service[Symbol.asyncDispose]()
  })

  async function release(): Promise<string> {
    const { admin } = service
    const subject = freshDigest()
    await admin.submit(subject, trivy())
    const context = { repository: REPOSITORY }
    equal((await admin.decide({ subject, stage: 'production', context })).verdict, 'allow')
    const start = { subject, environment: 'production', startedAt: new Date().toISOString(), context }
    const { id } = (await admin.post('/v1/deployments', start)).json<{ id: string }>()
    await admin.post(`/v1/deployments/${id}/finish`, { outcome: 'succeeded' })
    return subject
  }

  async function run(script: string): Promise<string> {
    const { url, adminToken } = service
    const settings = `URL=${url} TOKEN=${adminToken} ADMIN=${adminToken} REPOSITORY=${REPOSITORY} SUBJECT=${released[0]}\n`
    const { status, stdout, stderr } = await runShell(settings + script, folder)
    equal(status, 0, stdout + stderr)
    return stdout
  }

  it('goes back to what ran before', async () => {
    await run(target)
    const [decision, deployment] = (await run(back))
      .replace('}{', '}\n{')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    deepEqual([decision?.['verdict'], decision?.['subject']], ['allow', released[0]])
    equal((decision?.['review'] as { state: string } | undefined)?.state, 'open')
    deepEqual([deployment?.['decisionId'], deployment?.['bypass'], deployment?.['grounded']], [decision?.['id'], false, true])
  })

  it('blocks a digest, and lifts that again', async () => {
    const ask = () => service.admin.decide({ subject: released[0] ?? '', stage: 'production', context: { repository: REPOSITORY } })
    await run(block)
    deepEqual(denyingRules(await ask()), ['gate.blocked'])
    await run(lift)
    deepEqual(denyingRules(await ask()), [])
    match((await service.admin.get('/metrics')).text, /^portcullis_blocks_active 0$/m)
  })
})
