import { deepEqual, equal, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'

import type { Client } from '../support/client.ts'
import { startService, type RunningService } from '../support/service.ts'

interface Author {
  role: string
  login: string | null
  principal: string | null
  vouched: boolean
  submittedBy: string
  trust: string
}

const HEAD = `git+https://github.com/acme/app@${'3'.repeat(39)}c`
const OTHER = `git+https://github.com/acme/app@${'9'.repeat(40)}`
const fixture = (path: string): string => readFileSync(new URL(`../fixtures/${path}`, import.meta.url), 'utf8')

let service: RunningService
let forge: Client
let ci: Client
before(async () => {
  service = await startService()
  const { admin } = service
  const workload = async (principal: string): Promise<Client> => {
    await admin.put(`/v1/principals/${principal}`, { kind: 'workload' })
    return admin.as(await admin.issueToken({ principal, description: 'x', roles: ['pipeline'] }))
  }
  forge = await workload('forge')
  ci = await workload('ci')
  for (const [name, identity] of [
    ['ann', 'github.com/Ann-Acme'],
    ['ben', 'github.com/ben-acme'],
    ['ben', 'email/BEN%40example.com'],
    ['dora', 'email/dora%40example.com'],
  ] as const) {
    await admin.put(`/v1/principals/${name}`, { kind: 'human' })
    equal((await admin.send('PUT', `/v1/principals/${name}/identities/${identity}`)).status, 201)
  }
})
after(() => service[Symbol.asyncDispose]())

async function authors(subject: string, source?: string): Promise<Author[]> {
  const reply = await ci.post('/v1/decisions', { subject, stage: 'test', ...(source !== undefined && { source }), dryRun: true })
  equal(reply.status, 200, reply.text)
  return reply.json<{ authors: Author[] }>().authors
}

function shown(list: readonly Author[]): string[] {
  return list.map(({ role, login, principal, vouched }) => `${role} ${login ?? '-'} ${principal ?? '?'}${vouched ? '!' : ''}`).sort()
}

describe('A decision', () => {
  it('lists nobody where no forge said anything', async () => deepEqual(await authors(OTHER), []))

  it('lists who took part, with the principals behind them and by whose word, and keeps no address', async () => {
    await forge.submit(HEAD, fixture('github-pull-request/merged.json'))
    const list = await authors(HEAD)
    deepEqual(shown(list), [
      'author ann-acme ann!',
      'co-author - ben',
      'co-author - dora',
      'co-author ann-acme ann',
      'co-author ben-acme ben!',
      'committer - ben',
      'committer ann-acme ann',
      'committer ben-acme ben!',
      'merger ben-acme ben!',
    ])
    deepEqual([...new Set(list.map(({ submittedBy, trust }) => `${submittedBy} ${trust}`))], ['forge submitter'])
    ok(!JSON.stringify(list).includes('@example.com'))
  })

  it('lists those of the source that an artifact is linked to', async () => {
    const image = `sha256:${'ab'.repeat(32)}`
    ok(shown(await authors(image, HEAD)).includes('author ann-acme ann!'))
    deepEqual(await authors(image, OTHER), [])
  })

  it('takes nobody for vouched by a document about another revision, or one that is not whole', async () => {
    await forge.submit(OTHER, fixture('github-pull-request/merged.json'))
    await forge.submit(OTHER, fixture('github-pull-request/without-commits.json'))
    const list = await authors(OTHER)
    ok(
      list.some(({ principal }) => principal === 'ann'),
      'they are excluded all the same',
    )
    ok(list.every(({ vouched }) => !vouched))
  })

  it('says so if the asker could have written it', async () => {
    const own = `git+https://github.com/acme/app@${'1'.repeat(39)}a`
    await ci.submit(own, fixture('github-commit/signed.json'))
    deepEqual([...new Set((await authors(own)).map(({ trust }) => trust))], ['asker'])
  })

  it('keeps what it saw, whatever is linked later', async () => {
    const reply = await service.admin.post('/v1/decisions', { subject: HEAD, stage: 'test' })
    const { id } = reply.json<{ id: string }>()
    equal((await service.admin.send('DELETE', '/v1/principals/ann/identities/github.com/ann-acme')).status, 204)
    ok(shown((await service.admin.get(`/v1/decisions/${id}`)).json<{ authors: Author[] }>().authors).includes('author ann-acme ann!'))
    ok(shown(await authors(HEAD)).includes('author ann-acme ?!'), 'whose login it is now, nobody knows')
  })
})
