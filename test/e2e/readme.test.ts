import { deepEqual, equal, match } from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { startService } from '../support/service.ts'
import type { RunningService } from '../support/service.ts'
import { codeBlocks, runShell, shellBlocks } from '../support/shell.ts'

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
    const [settings = '', evidence = '', decision = '', receipt = '', deployment = ''] = commands('## Ask it', '## What it decides by')
    const image = settings.split('\n').find((line) => line.startsWith('IMAGE='))
    const run = (script: string) => runShell(`URL=${service.url}\nTOKEN=${service.adminToken}\n${image}\n${script}`, directory)

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
    match(verified.stdout, /repository +github\.com\/acme\/cart \(declared\)/)

    const deployed = await run(deployment)
    equal(deployed.status, 0, deployed.stderr)
    match(deployed.stdout, /"bypass":true.*"state":"succeeded"/)
  })
})

function commands(from: string, to: string): string[] {
  const page = readFileSync('README.md', 'utf8')
  return shellBlocks(page.slice(page.indexOf(from), page.indexOf(to)))
}

function exampleOutput(): string {
  return codeBlocks(readFileSync('README.md', 'utf8'), 'text')[0] ?? ''
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
