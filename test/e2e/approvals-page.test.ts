import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'

import { PROBLEMS } from '../../src/http/problem.ts'
import { freshDigest } from '../support/reports.ts'
import { startService, type RunningService } from '../support/service.ts'
import { runShell, shellBlocks } from '../support/shell.ts'

const PAGE = readFileSync('docs/approvals.md', 'utf8')

describe('docs/approvals.md', () => {
  const [bind = '', request = '', approve = '', wait = '', permit = '', broken = ''] = shellBlocks(PAGE)
  const subject = freshDigest()
  let service: RunningService
  let ann: string

  before(async () => {
    service = await startService({ PORTCULLIS_PROFILE: 'observe', PORTCULLIS_SECOND_PERSON: 'off' })
    for (const [name, groups] of Object.entries({ ann: ['release-managers', 'security'], ben: ['release-managers'] }))
      equal((await service.admin.put(`/v1/principals/${name}`, { kind: 'human', groups })).status, 201)
    const token = { principal: 'ann', description: 'x', roles: ['approver', 'pipeline'], scopes: ['breakglass:use'] }
    ann = await service.admin.issueToken(token)
  })
  after(() => service[Symbol.asyncDispose]())

  async function run(script: string, of = subject): Promise<Record<string, unknown>> {
    const settings = `URL=${service.url} TOKEN=${service.adminToken} ANN=${ann} SUBJECT=${of}`
    const { status, stdout, stderr } = await runShell(`${settings}\n${script}`, '.')
    equal(status, 0, stdout + stderr)
    return JSON.parse(stdout) as Record<string, unknown>
  }

  it('binds, asks for approval, approves and waits as it says', async () => {
    equal((await run(bind))['name'], 'production-approvals')
    const requested = await run(request)
    deepEqual([requested['kind'], requested['state']], ['request', 'requested'])
    equal((await run(request))['id'], requested['id'], 'to ask again changes nothing')
    const approved = await run(approve)
    deepEqual([approved['kind'], approved['state'], approved['comment']], ['approval', 'approved', 'Tried it on staging.'])
    const decision = await run(wait)
    deepEqual([decision['verdict'], decision['pending']], ['deny', true])
  })

  it('breaks the glass as it says', async () => {
    equal((await service.admin.send('DELETE', '/v1/bindings/production-approvals')).status, 204)
    deepEqual((await run(permit))['breakGlass'], { maxDuration: 'PT4H' })
    const { verdict, breakGlass, review } = await run(broken, freshDigest())
    equal(verdict, 'allow')
    match(JSON.stringify(breakGlass), /"incident":"INC-4711","by":"ann"/)
    match(JSON.stringify(review), /"state":"open","kind":"break-glass"/)
  })

  it('names metrics and error codes as they are', async () => {
    const { text } = await service.admin.get('/metrics')
    for (const [name] of PAGE.matchAll(/\bportcullis_\w+/g)) ok(text.includes(`# HELP ${name} `), name)
    for (const [, code = ''] of PAGE.matchAll(/422 `(\w+)`/g)) ok(code in PROBLEMS, code)
  })
})
