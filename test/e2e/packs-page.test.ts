import { deepEqual, equal, ok } from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'

import type { Decision } from '../../src/decisions/decision.ts'
import { COMMON_PARAMETERS, manifestOf } from '../unit/policy/shipped-packs.ts'
import { outsideWorld, type OutsideWorld } from '../support/packs-page.ts'
import { freshDigest } from '../support/reports.ts'
import { startService, type RunningService } from '../support/service.ts'
import { runShell, shellBlocks } from '../support/shell.ts'

const PAGE = readFileSync('docs/packs.md', 'utf8')
const SECTIONS = PAGE.split(/^## /m)
  .slice(1)
  .map((text) => ({ pack: text.slice(0, text.indexOf('\n')), text }))
  .filter(({ pack }) => pack !== 'For all of them')

const HOUR = 3_600_000
const inHours = (hours: number): string => new Date(Date.now() + hours * HOUR).toISOString().replace('T', ' ').slice(0, 19)

/** What GitHub says of a pull request, part by part. */
const REVIEWED = JSON.parse(readFileSync('test/fixtures/github-review/reviewed.json', 'utf8')) as Record<string, unknown>
const HEAD = '3'.repeat(39) + 'c'

const fixture = (path: string): unknown => JSON.parse(readFileSync(`test/fixtures/${path}.json`, 'utf8'))

/** What the systems outside answer, by what their paths begin with; the first that fits answers. */
const REPLIES: Readonly<Record<string, () => unknown>> = {
  '[.]': () => fixture('kubernetes-manifest/ready'),
  'api/v1/query_range?query=': () => ({
    status: 'success',
    data: { resultType: 'matrix', result: [{ metric: {}, values: [[Math.floor(Date.now() / 1000) - 60, '0.004']] }] },
  }),
  'overlays/production': () => null,
  'migrations/2.up.sql': () => [{ file: 'migrations/1.down.sql', line: 1, column: 1, level: 'Warning', rule_name: 'ban-drop-table' }],
  'script.js': () => fixture('k6/met'),
  'api/measures/component?component=acme:cart&': () => fixture('sonarqube/measures-quality'),
  'repos/acme/app/pulls/7/reviews?': () => [REVIEWED['reviews']],
  'repos/acme/app/pulls/7/commits?': () => [REVIEWED['commits']],
  'repos/acme/app/pulls/7': () => REVIEWED['pull_request'],
  [`repos/acme/app/commits/${HEAD}/check-runs?`]: () => [REVIEWED['check_runs']],
  [`repos/acme/app/commits/${HEAD}/status?`]: () => [REVIEWED['status']],
  'repos/acme/app/rules/branches/main?': () => [REVIEWED['rules']],
  'api/now/table/change_request?sysparm_query=number=CHG0031337&': () => ({
    result: [
      {
        ...{ number: 'CHG0031337', state: '-1', approval: 'approved', backout_plan: 'Deploy what ran before.' },
        ...{ start_date: inHours(-1), end_date: inHours(1), sys_updated_on: inHours(-2) },
      },
    ],
  }),
}

const VARIABLES: Readonly<Record<string, string>> = {
  ...{ TICKET: 'CHG0031337', SERVICENOW_LOGIN: 'portcullis:secret' },
  ...{ OWNER: 'acme', REPO: 'app', NUMBER: '7', IMAGE: 'registry.example/acme/app:1.4.0' },
  ...{ PROJECT: 'acme:cart', SONAR_TOKEN: 'secret' },
}

describe('docs/packs.md', () => {
  let service: RunningService
  let outside: OutsideWorld
  before(async () => {
    service = await startService()
    outside = await outsideWorld(
      (path) => {
        const known = Object.keys(REPLIES).find((start) => path.startsWith(start))
        return known === undefined ? undefined : JSON.stringify(REPLIES[known]?.())
      },
      ['gh', 'glab', 'squawk', 'k6', 'kustomize', 'yq'],
    )
    const drilled = {
      startedAt: new Date(Date.now() - HOUR).toISOString(),
      finishedAt: new Date(Date.now() - HOUR + 240_000).toISOString(),
    }
    writeFileSync(`${outside.folder}/drill.json`, JSON.stringify({ ...(fixture('rollback-drill/succeeded') as object), ...drilled }))
    mkdirSync(`${outside.folder}/migrations`)
    for (const name of ['1.down.sql', '1.up.sql', '2.down.sql', '2.up.sql']) writeFileSync(`${outside.folder}/migrations/${name}`, '')
  })
  after(async () => {
    outside[Symbol.dispose]()
    await service[Symbol.asyncDispose]()
  })

  async function run(script: string, subject: string): Promise<string> {
    const env = {
      ...process.env,
      ...VARIABLES,
      PATH: `${outside.commands}:${process.env['PATH']}`,
      SERVICENOW: outside.url,
      SONAR_URL: outside.url,
      PROMETHEUS: outside.url,
    }
    const own = { URL: service.url, TOKEN: service.adminToken, SUBJECT: subject }
    const { status, stdout, stderr } = await runShell(script, outside.folder, ['bash', '-eu', '-o', 'pipefail'], { ...env, ...own })
    equal(status, 0, stdout + stderr)
    return stdout
  }

  /** The rules of one pack that deny. */
  async function denials(pack: string, subject: string): Promise<string[]> {
    const { violations } = (await service.admin.decide({
      subject: `${VARIABLES['IMAGE']}@${subject}`,
      stage: 'production',
    })) as unknown as Decision
    return violations.filter((violation) => violation.pack === pack).map(({ rule }) => rule)
  }

  for (const { pack, text } of SECTIONS) {
    describe(pack, () => {
      const { parameters, rules } = manifestOf(pack)
      const [binding = '', ...evidence] = shellBlocks(text)

      it('tells of every parameter and every rule', () => {
        const named = new Set([...text.matchAll(/`([A-Za-z_]+)`/g)].map(([, word]) => word))
        const own = Object.keys(parameters['properties'] as object).filter((name) => !COMMON_PARAMETERS.has(name))
        deepEqual(
          [...own, ...rules.map(({ name }) => name)].filter((name) => !named.has(name)),
          [],
        )
      })

      it('is bound as the page says, and denies what has no evidence', async () => {
        const { pack: bound } = JSON.parse(await run(binding, '')) as { pack: string }
        equal(bound, pack)
        ok((await denials(pack, freshDigest())).length > 0)
      })

      it('is satisfied by what the page says to post', async () => {
        const subject = freshDigest()
        for (const block of evidence) {
          for (const answer of (await run(block, subject)).split(/(?<=\})(?=\{)/)) {
            const { completeness, verdict, state } = JSON.parse(answer) as Partial<Record<'completeness' | 'verdict' | 'state', string>>
            ok(['complete', 'allow', 'succeeded'].includes(completeness ?? verdict ?? state ?? ''), answer)
          }
        }
        deepEqual(await denials(pack, subject), [])
      })
    })
  }
})
