import { deepEqual, equal, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'

import { freshDigest, trivy } from '../support/reports.ts'
import { startService, type RunningService } from '../support/service.ts'
import { codeBlocks, runShell, shellBlocks } from '../support/shell.ts'

const PAGE = readFileSync('docs/ownership.md', 'utf8')

describe('docs/ownership.md', () => {
  const [team = '', project = '', lookups = '', lists = ''] = shellBlocks(PAGE)
  let service: RunningService
  before(async () => {
    service = await startService()
  })
  after(() => service[Symbol.asyncDispose]())

  async function run(script: string): Promise<string> {
    const { status, stdout, stderr } = await runShell(`URL=${service.url} TOKEN=${service.adminToken}\n${script}`, '.')
    equal(status, 0, stdout + stderr)
    return stdout
  }

  /** What each command of a block answers. */
  async function answers(block: string): Promise<{ code?: string; items: { name: string }[] }[]> {
    const commands = block.split('\n').filter((line) => line.startsWith('curl '))
    return Promise.all(commands.map(async (command) => JSON.parse(await run(command)) as { items: { name: string }[] }))
  }

  it('makes a team and a project as it says', async () => {
    const made = JSON.parse(await run(team)) as Record<string, unknown>
    deepEqual([made['name'], made['members'], made['revision']], ['shoppers', ['ann', 'ben'], 1])
    const owned = JSON.parse(await run(project)) as Record<string, unknown>
    deepEqual([owned['name'], owned['owners'], owned['namespaces']], ['shop', ['shoppers'], ['eu-prod/shop']])
  })

  it('finds the owner of a repository and of a namespace', async () => {
    for (const { items } of await answers(lookups))
      deepEqual(
        items.map(({ name }) => name),
        ['shop'],
      )
  })

  it('shows what a denial says', async () => {
    const subject = freshDigest()
    await service.admin.submit(subject, trivy({ severities: ['CRITICAL'] }))
    const body = { subject, stage: 'production', context: { repository: 'github.com/acme/cart' } }
    const { text } = await service.admin.post('/v1/decisions', body, { accept: 'text/plain' })
    const [shown = ''] = codeBlocks(PAGE, 'text')
    deepEqual(
      text.split('\n').slice(0, 3),
      shown
        .replace(/sha256:\w+/, subject)
        .trimEnd()
        .split('\n'),
    )
  })

  it('has lists that can be asked for', async () => {
    const asked = await answers(lists)
    ok(asked.length >= 8)
    for (const { code, items } of asked) ok(code === undefined && Array.isArray(items))
    const [decisions] = asked
    equal(decisions?.items.length, 1)
  })

  it('names the metrics as they are', async () => {
    const { text } = await service.admin.get('/metrics')
    for (const [name] of PAGE.matchAll(/\bportcullis_\w+/g)) ok(text.includes(`# HELP ${name} `), name)
  })
})
