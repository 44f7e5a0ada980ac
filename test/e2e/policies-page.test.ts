import { deepEqual, equal } from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'

import { freshDigest } from '../support/reports.ts'
import { startService } from '../support/service.ts'
import { runShell, shellBlocks } from '../support/shell.ts'
import { requireTool } from '../support/tools.ts'

const opa = requireTool('opa')
const PAGE = readFileSync('docs/policies.md', 'utf8')
const OWN = PAGE.slice(PAGE.indexOf('## Policies of your own'), PAGE.indexOf('### What is refused'))

describe('docs/policies.md', { skip: opa.skip }, () => {
  it('leads from Rego in an editor to a bound policy, a next version and back', async () => {
    await using service = await startService()
    const folder = mkdtempSync(join(tmpdir(), 'portcullis-page-'))
    try {
      const script = shellBlocks(OWN).join('\n').replace('http://127.0.0.1:8080', service.url)
      const env = { ...process.env, TOKEN: service.adminToken }
      const { status, stdout, stderr } = await runShell(script, folder, ['bash', '-eu', '-o', 'pipefail'], env)
      equal(status, 0, stdout + stderr)
    } finally {
      rmSync(folder, { recursive: true })
    }
    const { latest, versions } = (await service.admin.get('/v1/policies/house')).json<{ latest: string; versions: { digest: string }[] }>()
    deepEqual([versions.length, versions[1]?.digest], [2, latest])
    const { items } = (await service.admin.get('/v1/audit/entries?type=policy.activated&limit=200')).json<{ items: { body: object }[] }>()
    equal(items.filter(({ body }) => (body as { pack: string }).pack === 'house').length, 3)
    const { shadow } = await service.admin.decide({ subject: freshDigest(), stage: 'production' })
    deepEqual(
      shadow.filter(({ rule }) => rule.startsWith('house.')).map(({ message }) => message),
      ['Say which ticket this belongs to: context.ticket.'],
    )
  })
})
