import { deepEqual, equal, ok } from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { sha256Digest } from '../../src/core/digest.ts'
import { readReport } from '../../src/evidence/read-report.ts'
import { freshDigest } from '../support/reports.ts'
import { startService, type RunningService } from '../support/service.ts'
import { runShell, shellBlocks } from '../support/shell.ts'

/** The sections of docs/evidence.md, one a format, with the command that posts its report. */
const SECTIONS = readFileSync('docs/evidence.md', 'utf8')
  .split(/^### /m)
  .slice(1)
  .map((section) => ({ format: section.slice(0, section.indexOf('\n')), command: section.match(/^curl .* --data-binary .*$/m)?.[0] ?? '' }))

describe('docs/evidence.md', () => {
  let service: RunningService
  let directory: string
  before(async () => {
    service = await startService()
    directory = mkdtempSync(join(tmpdir(), 'portcullis-evidence-page-'))
  })
  after(async () => {
    await service[Symbol.asyncDispose]()
    rmSync(directory, { recursive: true })
  })

  for (const { format, command } of SECTIONS) {
    it(`posts a report of ${format} as it says`, async () => {
      const file = /--data-binary @(\S+)/.exec(command)?.[1] ?? ''
      const bytes = completeReport(format, command.includes(`format=${format}`))
      const place = join(directory, format)
      mkdirSync(dirname(join(place, file)), { recursive: true })
      writeFileSync(join(place, file), bytes)
      const subject = format === 'oci-index' ? sha256Digest(bytes) : freshDigest()
      const stdout = await bash(`URL=${service.url} TOKEN=${service.adminToken} SUBJECT=${subject}\n${command}`, place)
      const evidence = JSON.parse(stdout) as { format?: string; completeness?: string }
      deepEqual([evidence.format, evidence.completeness], [format, 'complete'], stdout)
    })
  }

  it('packs and posts several reports as it says', async () => {
    const commands = shellBlocks(readFileSync('docs/evidence.md', 'utf8')).find((block) => block.startsWith('tar ')) ?? ''
    mkdirSync(join(directory, 'build/reports'), { recursive: true })
    writeFileSync(join(directory, 'build/reports/unit.xml'), completeReport('junit', false))
    writeFileSync(join(directory, 'build/reports/cover.out'), completeReport('go-cover', false))
    const stdout = await bash(`URL=${service.url} TOKEN=${service.adminToken} SUBJECT=${freshDigest()}\n${commands}`, directory)
    const { items } = JSON.parse(stdout) as { items: { name: string; format: string }[] }
    deepEqual(items.map(({ name, format }) => `${name} ${format}`).sort(), ['reports/cover go-cover', 'reports/unit junit'])
  })

  it('has a section for each of many formats', () => {
    ok(SECTIONS.length >= 17)
  })
})

/** A fixture of that format that is recognised as it stands, or as which it is stated. */
function completeReport(format: string, isStated: boolean): Uint8Array {
  const folder = new URL(`../fixtures/${format}/`, import.meta.url)
  for (const name of readdirSync(folder)) {
    const bytes = readFileSync(new URL(name, folder))
    try {
      const read = readReport(bytes, isStated ? format : 'auto')
      if (read.format === format && read.report.completeness === 'complete') return bytes
    } catch {
      // One of those that show what is refused.
    }
  }
  throw new Error(`no fixture of ${format} is complete`)
}

async function bash(script: string, cwd: string): Promise<string> {
  const { status, stdout, stderr } = await runShell(script, cwd)
  equal(status, 0, stdout + stderr)
  return stdout
}
