import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'

import { CI_PAGES, type CiPage, type Stored } from '../support/ci-pages.ts'
import { CiPipeline } from '../support/ci-pipeline.ts'
import { ciRuns, type CiRun } from '../support/ci-runs.ts'
import type { DecisionBody } from '../support/client.ts'
import { startService, type RunningService } from '../support/service.ts'
import { runShell, shellBlocks } from '../support/shell.ts'

describe('What the pages under docs/ci say to paste', () => {
  let service: RunningService
  before(async () => {
    service = await startService()
  })
  after(() => service[Symbol.asyncDispose]())

  for (const page of CI_PAGES) {
    describe(page.page, () => {
      const run = runOf(page, 'refs/heads/main')

      it('lets through what is allowed, and reports its deployment', async () => {
        using pipeline = new CiPipeline(page, run)
        const { status, stdout, stderr } = await pipeline.run(await settings(service, run))
        equal(status, 0, stdout + stderr)
        match(stdout, new RegExp(`^ALLOW {2}\\S+@${pipeline.digest}$`, 'm'))
        match(pipeline.left(page.shown(stdout)), /✅ Allowed|<testsuites [^>]*failures="0"/)
        match(pipeline.left('deployed.txt'), new RegExp(`@${pipeline.digest}\n$`))

        const { execution = '', commit = '' } = run.context
        deepEqual(await evidenceOf(pipeline), ['junit junit unstated', 'lcov lcov unstated', 'trivy trivy match'])
        deepEqual(await runsOf(pipeline), [execution, execution, execution])
        const [decision, ...others] = await decisionsOf(pipeline)
        deepEqual(others, [])
        deepEqual([decision?.context, decision?.repository, decision?.verified], [run.context, run.repository, ['repository']])
        deepEqual(
          decision?.sources.map(({ id, proof }) => [id, proof]),
          [[`git+https://${run.repository}@${commit}`, 'declared']],
        )
        deepEqual(await deploymentsOf(pipeline), [{ context: run.context, groundedBy: decision?.id, state: 'succeeded' }])
      })

      it('stops with exit code 22 at what is denied, shows why, and deploys nothing', async () => {
        using pipeline = new CiPipeline(page, run, { severities: ['CRITICAL'] })
        const { status, stdout } = await pipeline.run(await settings(service, run))
        equal(status, 22, stdout)
        match(stdout, /^DENY {3}vulnerabilities\.max_severity: .*CVE-2026-1000/m)
        match(pipeline.left(page.shown(stdout)), /⛔ Denied[^]*CVE-2026-1000|<failure [^>]*CVE-2026-1000/)
        deepEqual(
          (await decisionsOf(pipeline)).map(({ verdict }) => verdict),
          ['deny'],
        )
        deepEqual([pipeline.left('deployed.txt'), await deploymentsOf(pipeline)], ['', []])
      })

      it('stops at a report that can not be read, without a question', async () => {
        using pipeline = new CiPipeline(page, run, { scanCutOff: true })
        const { status, stdout } = await pipeline.run(await settings(service, run))
        deepEqual([status !== 0, await decisionsOf(pipeline), pipeline.left('deployed.txt')], [true, [], ''])
        match(stdout, /"code":"report_malformed","field":"(\.\/)?trivy\.json"/)
      })

      it('stops where nobody answers, and deploys nothing', async () => {
        using pipeline = new CiPipeline(page, run)
        const { status } = await pipeline.run({ PORTCULLIS_URL: 'http://127.0.0.1:1', PORTCULLIS_TOKEN: 'none' })
        notEqual(status, 0)
        equal(pipeline.left('deployed.txt'), '')
      })

      it('reports a deployment that failed, and fails; the name of a branch is never more than text', async () => {
        const attacked = runOf(page, 'fix","version":"9\\')
        using pipeline = new CiPipeline(page, attacked, { deployFails: true })
        const { status, stdout, stderr } = await pipeline.run(await settings(service, attacked))
        equal(status, 1, stdout + stderr)
        const [decision] = await decisionsOf(pipeline)
        deepEqual(decision?.context, attacked.context)
        deepEqual(await deploymentsOf(pipeline), [{ context: attacked.context, groundedBy: decision?.id, state: 'failed' }])
      })
    })
  }

  async function items<Item>(path: string): Promise<Item[]> {
    const reply = await service.admin.get(path)
    equal(reply.status, 200, reply.text)
    return reply.json<{ items: Item[] }>().items
  }

  async function evidenceOf({ digest }: CiPipeline): Promise<string[]> {
    const found = await items<{ format: string; name: string; subjectMatch: string }>(`/v1/evidence?subject=${digest}`)
    return found.map(({ format, name, subjectMatch }) => `${format} ${name} ${subjectMatch}`).sort()
  }

  async function runsOf({ digest }: CiPipeline): Promise<string[]> {
    const found = await items<{ detail: { run: string } }>(`/v1/audit/entries?type=evidence.received&subject=${digest}`)
    return found.map(({ detail }) => detail.run)
  }

  function decisionsOf({ digest }: CiPipeline): Promise<(DecisionBody & { context: unknown; verified: string[] })[]> {
    return items(`/v1/decisions?subject=${digest}`)
  }

  async function deploymentsOf({ digest }: CiPipeline): Promise<unknown[]> {
    const found = await items<Record<'context' | 'groundedBy' | 'state', unknown>>(`/v1/deployments?subject=${digest}`)
    return found.map(({ context, groundedBy, state }) => ({ context, groundedBy, state }))
  }
})

describe('The pages under docs/ci', () => {
  it('are all tested, and listed by their index', () => {
    const files = readdirSync('docs/ci').filter((file) => file !== 'README.md')
    deepEqual(files.sort(), CI_PAGES.map(({ page }) => `${page}.md`).sort())
    const index = readFileSync('docs/ci/README.md', 'utf8')
    for (const file of files) ok(index.includes(`](${file})`), `${file} is not listed`)
  })

  it('differ in nothing but what a CI calls the run and the change, and where it shows the verdict', () => {
    const [first, ...others] = CI_PAGES.map((page) => page.scripts().map(withoutItsOwn))
    ok(first?.every((lines) => lines.length > 5) && first.length === 3)
    for (const other of others) deepEqual(other, first)
  })
})

function runOf({ page }: CiPage, ref: string): CiRun {
  const run = ciRuns(ref)[page]
  ok(run, `no run of ${page}`)
  return run
}

/** What an administrator stores in the CI, made as the index says; for a principal of its own, since all runs of a page have one name. */
async function settings(service: RunningService, { repository }: CiRun): Promise<Stored> {
  const [block = ''] = shellBlocks(readFileSync('docs/ci/README.md', 'utf8'))
  const commands = block
    .replaceAll('ci-cart', `ci-${randomUUID()}`)
    .replace('"repositories": ["acme/cart"]', `"repositories": ["${repository}"]`)
  const { status, stdout, stderr } = await runShell(`URL=${service.url} TOKEN=${service.adminToken}\n${commands}`, '.')
  equal(status, 0, stdout + stderr)
  return { PORTCULLIS_URL: service.url, PORTCULLIS_TOKEN: /"token":"([^"]+)"/.exec(stdout)?.[1] ?? '' }
}

/** The lines of a script that are the same in every CI. */
function withoutItsOwn(script: string): string[] {
  const lines = script
    .replaceAll('\\\n', '')
    .split('\n')
    .map((line) => line.trim().replaceAll(/ {2,}/g, ' '))
    .filter((line) => line !== '' && !/^(#!|IMAGE=|rm -rf )/.test(line))
  const from = lines.findIndex((line) => line.startsWith('# The same in every CI'))
  const to = lines.findIndex((line) => line.startsWith('# The same key'))
  return from < 0 ? lines : lines.slice(from, to)
}
