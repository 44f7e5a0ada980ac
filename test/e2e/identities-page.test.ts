import { deepEqual, equal, ok } from 'node:assert/strict'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { ISSUER_KINDS } from '../../src/auth/workload/kinds/kind.ts'
import { CI_PAGES } from '../support/ci-pages.ts'
import { CiPipeline } from '../support/ci-pipeline.ts'
import { ciRuns } from '../support/ci-runs.ts'
import { identityRecipes, type IdentityRecipe } from '../support/identity-recipes.ts'
import { startService, type RunningService } from '../support/service.ts'
import { runShell, shellBlocks } from '../support/shell.ts'
import { TokenIssuer } from '../support/token-issuer.ts'
import { DOCUMENTED } from '../support/workload-claims.ts'

/** What the CI system puts into the environment of a job, at an address that it serves. */
const ENVIRONMENTS: Readonly<Record<string, (url: string, token: string) => Record<string, string>>> = {
  'GitHub Actions': (url) => ({
    ACTIONS_ID_TOKEN_REQUEST_URL: `${url}/github?api-version=2.0`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'of-the-job',
  }),
  'GitLab CI': (_, token) => ({ PORTCULLIS_TOKEN: token }),
  'Azure Pipelines': (url) => ({ SYSTEM_OIDCREQUESTURI: `${url}/azure`, SYSTEM_ACCESSTOKEN: 'of-the-job' }),
  Jenkins: (_, token) => ({ PORTCULLIS_TOKEN: token }),
  'Bitbucket and others': (_, token) => ({ BITBUCKET_STEP_OIDC_TOKEN: token }),
}

/** Commands that a job has there, each of which must be called with these words. */
const COMMANDS: Readonly<Record<string, { name: string; words: string[] }>> = {
  CircleCI: { name: 'circleci', words: ['run oidc get --claims {"aud": "https://gate.example.com"}'] },
  Buildkite: { name: 'buildkite-agent', words: ['oidc request-token --audience https://gate.example.com'] },
  Kubernetes: { name: 'cat', words: ['/var/run/secrets/portcullis/token'] },
  'Google Cloud': { name: 'curl', words: ['Metadata-Flavor: Google', '/identity?audience=https://gate.example.com&format=full'] },
  AWS: { name: 'aws', words: ['sts get-web-identity-token --audience https://gate.example.com --signing-algorithm RS256'] },
}

/** Which recipe a job of a page takes. */
const KINDS_OF_PAGES: Readonly<Record<string, IdentityRecipe['issuer']['kind']>> = {
  'github-actions': 'github',
  'gitlab-ci': 'gitlab',
  'azure-pipelines': 'azure',
  codebuild: 'aws',
  jenkins: 'jenkins',
  'bitbucket-pipelines': 'openid',
}

interface Judged {
  verdict: string
  repository: string
  verified: string[]
  context: { commit: string }
}

describe('What docs/identities.md says to put and to paste', () => {
  const recipes = identityRecipes()
  let service: RunningService

  before(async () => {
    service = await startService()
  })
  after(() => service[Symbol.asyncDispose]())

  it('has a recipe for every kind of token', () => {
    const kinds = new Set(recipes.map(({ issuer }) => issuer.kind))
    deepEqual(
      ISSUER_KINDS.filter((kind) => kind !== 'certificate' && !kinds.has(kind)),
      [],
    )
  })

  for (const recipe of recipes) {
    it(`lets in a job of ${recipe.title}`, async () => {
      const { admin } = service
      const { kind, issuer, audiences, rules } = recipe.issuer
      const ci = await TokenIssuer.create(issuer)
      for (const { principal } of rules) await admin.put(`/v1/principals/${principal}`, { kind: 'workload' })
      equal((await admin.put(`/v1/issuers/${kind}`, recipe.issuer)).status, 201)
      equal((await admin.put(`/v1/issuers/${kind}`, { ...recipe.issuer, keys: { jwks: ci.jwks } })).status, 200)
      const token = await ci.token({ ...DOCUMENTED[kind].claims, aud: audiences[0] })
      equal(await tokenOfJob(recipe, token), token)
      const reply = await admin.as(token).get('/v1/whoami')
      equal(reply.status, 200, reply.text)
      equal(reply.json<{ credential: { id: string } }>().credential.id, `${kind}/${rules[0]?.name}`)
    })
  }

  for (const page of CI_PAGES) {
    it(`is all that the page ${page.page} needs in the place of a stored token`, async () => {
      const run = ciRuns('refs/heads/main')[page.page]
      const kind = KINDS_OF_PAGES[page.page]
      const recipe = recipes.find(({ issuer }) => issuer.kind === kind)
      ok(run && kind && recipe)
      const { commit, repository = '' } = run.context
      const ci = await TokenIssuer.create(recipe.issuer.issuer)
      for (const { principal } of recipe.issuer.rules) await service.admin.put(`/v1/principals/${principal}`, { kind: 'workload' })
      await service.admin.put(`/v1/issuers/${kind}`, { ...recipe.issuer, keys: { jwks: ci.jwks } })
      const ofTheRun = { sha: commit, rpo_ver: commit, rpo_uri: `https://acme@${repository}` }
      const token = await ci.token({ ...DOCUMENTED[kind].claims, ...ofTheRun, aud: recipe.issuer.audiences[0] })

      using pipeline = new CiPipeline(page, run)
      const { status, stdout, stderr } = await pipeline.run({ PORTCULLIS_URL: service.url, PORTCULLIS_TOKEN: token })
      equal(status, 0, stdout + stderr)
      const { items } = (await service.admin.get(`/v1/decisions?subject=${pipeline.digest}`)).json<{ items: Judged[] }>()
      const [decision] = items
      ok(decision)
      deepEqual([decision.verdict, decision.repository, decision.context.commit], ['allow', run.repository, commit])
      ok(decision.verified.includes('repository'))
      equal(decision.verified.includes('commit'), ['github', 'gitlab', 'azure'].includes(kind))
    })
  }

  it('shows whom the service takes a job for', async () => {
    const [block, ...others] = shellBlocks(readFileSync('docs/identities.md', 'utf8')).filter((shell) => shell.includes('/v1/whoami'))
    ok(block !== undefined && others.length === 0)
    const env = { ...process.env, PORTCULLIS_URL: service.url, PORTCULLIS_TOKEN: service.adminToken }
    const { status, stdout } = await runShell(block, tmpdir(), ['sh', '-eu'], env)
    deepEqual([status, stdout.includes('"name":"admin"')], [0, true])
  })
})

/** Runs what the recipe says as a job would, where the CI system answers with this token. */
async function tokenOfJob({ title, shell = '' }: IdentityRecipe, token: string): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'portcullis-job-'))
  await using ci = await ciSystem(token)
  try {
    const command = COMMANDS[title]
    if (command) writeCommand(directory, command, token)
    const env = { PATH: `${directory}:${process.env['PATH']}`, ...ENVIRONMENTS[title]?.(ci.url, token) }
    ok(command !== undefined || ENVIRONMENTS[title], `${title} is played by nobody`)
    const { status, stdout, stderr } = await runShell(`${shell}\nprintf %s "$PORTCULLIS_TOKEN"`, directory, ['sh', '-eu'], env)
    equal(status, 0, stderr)
    return stdout
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

function writeCommand(directory: string, { name, words }: { name: string; words: string[] }, token: string): void {
  const file = join(directory, name)
  const checks = words.map((text) => `case "$*" in *'${text}'*) ;; *) echo "called with $*" >&2; exit 9 ;; esac`)
  writeFileSync(file, ['#!/bin/sh', ...checks, `printf %s ${token}`, ''].join('\n'))
  chmodSync(file, 0o755)
}

/** Gives tokens to jobs that show what they were given for that. */
async function ciSystem(token: string): Promise<{ url: string } & AsyncDisposable> {
  const server = createServer((request, response) => {
    const document = mayHave(request) ? answerTo(request, token) : undefined
    response.writeHead(document ? 200 : 401, { 'content-type': 'application/json' }).end(JSON.stringify(document ?? {}))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function mayHave({ headers }: IncomingMessage): boolean {
  return headers.authorization === 'Bearer of-the-job'
}

function answerTo({ url, method }: IncomingMessage, token: string): object | undefined {
  if (method === 'GET' && url === '/github?api-version=2.0&audience=https://gate.example.com') return { count: 4711, value: token }
  return method === 'POST' && url === '/azure?api-version=7.1' ? { oidcToken: token } : undefined
}
