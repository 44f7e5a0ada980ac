import { deepEqual, equal, match } from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import { startService } from '../support/service.ts'
import type { RunningService } from '../support/service.ts'

describe('The README', () => {
  let service: RunningService
  let directory: string
  before(async () => {
    service = await startService()
    directory = mkdtempSync(join(tmpdir(), 'portcullis-readme-'))
    for (const name of ['package.json', 'node_modules', 'scripts', 'src']) symlinkSync(resolve(name), join(directory, name))
  })
  after(async () => {
    await service[Symbol.asyncDispose]()
    rmSync(directory, { recursive: true })
  })

  it('has commands that do what it says', async () => {
    const [settings = '', evidence = '', decision = '', receipt = '', deployment = ''] = shellBlocks('## Ask it', '## What it decides by')
    const image = settings.split('\n').find((line) => line.startsWith('IMAGE='))
    const run = (script: string) => bash(`URL=${service.url}\nTOKEN=${service.adminToken}\n${image}\n${script}`, directory)

    const posted = await run(evidence)
    equal(posted.status, 0, posted.stderr)
    match(posted.stdout, /"format":"trivy".*"critical":1/)

    const denied = await run(decision)
    equal(denied.status, 22, denied.stdout)
    const index = /log index (\d+)/.exec(denied.stdout)?.[1] ?? ''
    deepEqual(withoutNames(denied.stdout), withoutNames(exampleOutput()))

    const verified = await run(receipt.replace('/entries/17/', `/entries/${index}/`))
    equal(verified.status, 0, verified.stdout + verified.stderr)
    match(verified.stdout, /deny/)

    const deployed = await run(deployment)
    equal(deployed.status, 0, deployed.stderr)
    match(deployed.stdout, /"bypass":true.*"state":"succeeded"/)
  })
})

function shellBlocks(from: string, to: string): string[] {
  const page = readFileSync('README.md', 'utf8')
  const section = page.slice(page.indexOf(from), page.indexOf(to))
  return [...section.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block ?? '')
}

function exampleOutput(): string {
  return /^```text\n([\s\S]*?)^```$/m.exec(readFileSync('README.md', 'utf8'))?.[1] ?? ''
}

/** What differs from run to run: ids, digests of evidence, index, time, port. */
function withoutNames(output: string): string {
  return output
    .trim()
    .replaceAll(/evidence: sha256:\S+/g, 'evidence: sha256:…')
    .replaceAll(/[0-9a-f]{8}-(…|[0-9a-f-]{27})/g, 'ID')
    .replaceAll(/index \d+, at \S+/g, 'index N, at TIME')
    .replaceAll(/127\.0\.0\.1:\d+/g, 'HOST')
}

async function bash(script: string, cwd: string): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const child = spawn('bash', ['-eu', '-c', script], { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ])
  return { status, stdout, stderr }
}
