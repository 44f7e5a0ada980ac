import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'

import { generateLogKey, randomOrigin } from '../../src/audit/log-key.ts'
import type { Approval } from '../../src/governance/approvals/approval.ts'
import { denyingRules, type Client, type DecisionBody, type Reply } from '../support/client.ts'
import { freshDigest } from '../support/reports.ts'
import { startService, type RunningService } from '../support/service.ts'
import { forEachEngine } from '../support/storage.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const REPOSITORY = 'github.com/acme/cart'
const HEAD = `git+https://github.com/acme/app@${'3'.repeat(39)}c`
const PULL_REQUEST = readFileSync(new URL('../fixtures/github-pull-request/merged.json', import.meta.url), 'utf8')

type Judged = DecisionBody & {
  pending: boolean
  restsOn: { kind: string; id: string }[]
  violations: { binding: string; missing: string[]; message: string }[]
}

await forEachEngine('Approvals', (engine) => {
  let service: RunningService
  let admin: Client
  let pipeline: Client
  const people = new Map<string, Client>()
  const clock = { at: Date.now(), now: () => clock.at }

  before(async () => {
    const { databaseUrl } = await engine.place()
    const env = {
      PORTCULLIS_PROFILE: 'observe',
      PORTCULLIS_SECOND_PERSON: 'off',
      ...(databaseUrl !== undefined && { PORTCULLIS_DATABASE_URL: databaseUrl, PORTCULLIS_LOG_KEY: generateLogKey(randomOrigin()) }),
    }
    service = await startService(env, { clock })
    admin = service.admin
    pipeline = await workload('ci', { repositories: [REPOSITORY] })
    for (const [name, groups] of [
      ['rita', ['release-managers']],
      ['remo', ['release-managers']],
      ['sven', ['security']],
      ['dora', ['release-managers', 'security']],
      ['olga', []],
    ] as const) {
      people.set(name, await person(name, groups))
    }
    await bind('approvals', { stage: ['production'], parameters: { groups: ['release-managers'], fourEyes: { authors: 'off' } } })
    await bind('both', {
      stage: ['both'],
      parameters: {
        required: 2,
        groups: ['release-managers'],
        also: [{ required: 1, groups: ['security'] }],
        fourEyes: { authors: 'off' },
      },
    })
    await bind('authors', { stage: ['authored'], parameters: { required: 1, fourEyes: { authors: 'verified' } } })
  })
  after(() => service[Symbol.asyncDispose]())

  async function workload(name: string, confinement: object = {}): Promise<Client> {
    await admin.put(`/v1/principals/${name}`, { kind: 'workload' })
    return admin.as(await admin.issueToken({ principal: name, description: 'x', roles: ['pipeline'], confinement }))
  }

  async function person(name: string, groups: readonly string[], by = admin, confinement: object = {}): Promise<Client> {
    await admin.put(`/v1/principals/${name}`, { kind: 'human', groups })
    return by.as(await by.issueToken({ principal: name, description: 'x', roles: ['approver', 'pipeline'], confinement }))
  }

  async function bind(name: string, more: object): Promise<void> {
    const reply = await admin.put(`/v1/bindings/${name}`, { pack: 'approvals', ...more })
    assert.ok(reply.status === 201 || reply.status === 200, reply.text)
  }

  const as = (name: string): Client => {
    const client = people.get(name)
    assert.ok(client)
    return client
  }

  async function approve(by: string | Client, subject: string, more: object = {}, status = 201): Promise<Approval> {
    const client = typeof by === 'string' ? as(by) : by
    const reply = await client.post('/v1/approvals', { subject, stage: 'production', ...more })
    assert.equal(reply.status, status, reply.text)
    return reply.json()
  }

  async function ask(subject: string, more: Record<string, unknown> = {}, asker = pipeline): Promise<Judged> {
    return (await asker.decide({ subject, stage: 'production', ...more })) as Judged
  }

  async function refused(reply: Promise<Reply>, status: number, code: string): Promise<void> {
    const { status: actual, text, json } = await reply
    assert.equal(actual, status, text)
    assert.equal(json()['code'], code)
  }

  const given = async (subject: string, more: Record<string, unknown> = {}, asker = pipeline): Promise<'allow' | 'deny'> =>
    (await ask(subject, { ...more, dryRun: true }, asker)).verdict

  describe('of a digest', () => {
    it('turn a pending deny into an allow that names them and ends with them', async () => {
      const subject = freshDigest()
      const pending = await ask(subject)
      assert.deepEqual([pending.verdict, pending.pending, denyingRules(pending)], ['deny', true, ['approvals.missing_approvals']])
      assert.deepEqual(pending.violations[0]?.missing, ['1 of group release-managers, 0 given'])
      assert.match(pending.violations[0]?.message ?? '', /1 approval of group release-managers is needed, 0 given/)
      const { id, expiresAt } = await approve('rita', subject, { expiresAt: new Date(clock.at + HOUR).toISOString(), comment: 'Tried it.' })
      const allowed = await ask(subject)
      assert.deepEqual(
        [allowed.verdict, allowed.pending, allowed.restsOn.map(({ kind, id: ground }) => [kind, ground])],
        ['allow', false, [['approval', id]]],
      )
      assert.equal(allowed.expiresAt, expiresAt)
      assert.equal(await given(freshDigest()), 'deny', 'another digest')
    })

    it('count until they expire, and not a moment longer', async () => {
      const subject = freshDigest()
      await approve('rita', subject, { expiresAt: new Date(clock.at + HOUR).toISOString() })
      assert.equal(await given(subject), 'allow')
      clock.at += HOUR
      assert.equal(await given(subject), 'deny')
      const { items } = (await as('rita').get(`/v1/approvals?subject=${subject}&state=expired`)).json<{ items: Approval[] }>()
      assert.deepEqual(
        items.map(({ state, by }) => [state, by.name]),
        [['expired', 'rita']],
      )
    })

    it('are void once they are revoked, with what rests on them', async () => {
      const subject = freshDigest()
      const { id } = await approve('rita', subject)
      const allowed = await ask(subject)
      assert.equal(allowed.verdict, 'allow')
      const revoked = await as('remo').post(`/v1/approvals/${id}/revoke`, { reason: 'The load test failed.' })
      assert.equal(revoked.status, 200, revoked.text)
      assert.deepEqual([revoked.json<Approval>().state, revoked.json<Approval>().revokedBy?.name], ['revoked', 'remo'])
      assert.equal(await given(subject), 'deny')
      const voided = (await pipeline.get(`/v1/decisions/${allowed.id}`)).json<{ voidedAt: string | null }>()
      assert.equal(voided.voidedAt, revoked.json<Approval>().revokedAt)
      assert.deepEqual((await as('rita').post(`/v1/approvals/${id}/revoke`, { reason: 'Again.' })).json(), revoked.json())
    })

    it('are for one stage, environment and repository, whatever the letter case of the first two', async () => {
      const subject = freshDigest()
      await approve('rita', subject, { stage: 'Production', environment: 'EU', repository: REPOSITORY })
      assert.equal(await given(subject, { environment: 'eu' }), 'allow')
      assert.equal(await given(subject, { environment: 'us' }), 'deny')
      assert.equal(await given(subject), 'deny')
      const other = await workload('other-ci', { repositories: ['github.com/acme/till'] })
      assert.equal(await given(subject, { environment: 'eu' }, other), 'deny')
      assert.equal(await given(subject, { environment: 'eu', stage: 'both' }), 'deny')
      const free = await workload('free-ci')
      assert.equal(await given(subject, { environment: 'eu' }, free), 'deny', 'who names no repository has no approval of one')
      assert.equal(await given(subject, { environment: 'eu', context: { repository: 'github.com/evil/cart' } }, free), 'deny')
    })

    it('of an index are for its platforms, and not the other way round', async () => {
      const platform = freshDigest()
      const manifests = [
        {
          mediaType: 'application/vnd.oci.image.manifest.v1+json',
          digest: platform,
          size: 2,
          platform: { os: 'linux', architecture: 'amd64' },
        },
      ]
      const bytes = JSON.stringify({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests })
      const index = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
      await pipeline.submit(index, bytes, { format: 'oci-index' })
      await approve('rita', platform)
      assert.deepEqual([await given(platform), await given(index)], ['allow', 'deny'])
      const second = freshDigest()
      const bytes2 = JSON.stringify({
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.index.v1+json',
        manifests: [{ ...manifests[0], digest: second }],
      })
      const index2 = `sha256:${createHash('sha256').update(bytes2).digest('hex')}`
      await pipeline.submit(index2, bytes2, { format: 'oci-index' })
      await approve('rita', index2)
      assert.deepEqual([await given(second), await given(index2)], ['allow', 'allow'])
    })
  })

  describe('of several people', () => {
    it('meet every requirement by different people, each of whom counts for all of their groups', async () => {
      const subject = freshDigest()
      const missing = async (): Promise<string[]> =>
        (await ask(subject, { stage: 'both', dryRun: true })).violations.flatMap((violation) => violation.missing).sort()
      assert.deepEqual(await missing(), ['1 of group security, 0 given', '2 of group release-managers, 0 given'])
      await approve('olga', subject, { stage: 'both' })
      assert.equal((await missing()).length, 2)
      await approve('rita', subject, { stage: 'both' })
      assert.deepEqual(await missing(), ['1 of group security, 0 given', '2 of group release-managers, 1 given'])
      await approve('dora', subject, { stage: 'both' })
      assert.deepEqual(await missing(), [])
    })

    it('count once each, however many ask at once and with whatever credential', async () => {
      const subject = freshDigest()
      const second = admin.as(await admin.issueToken({ principal: 'rita', description: 'second', roles: ['approver'] }))
      const replies = await Promise.all(
        Array.from({ length: 12 }, (_, at) => (at % 2 ? second : as('rita')).post('/v1/approvals', { subject, stage: 'both' })),
      )
      assert.equal(replies.filter(({ status }) => status === 201).length, 1)
      assert.equal(new Set(replies.map((reply) => reply.json<Approval>().id)).size, 1)
      const { items } = (await as('rita').get(`/v1/approvals?subject=${subject}`)).json<{ items: Approval[] }>()
      assert.equal(items.length, 1)
    })

    it('have one vote each where they approve at once', async () => {
      const subject = freshDigest()
      const votes = await Promise.all(
        ['rita', 'remo', 'sven', 'rita', 'remo', 'sven'].map((name) => as(name).post('/v1/approvals', { subject, stage: 'both' })),
      )
      assert.equal(new Set(votes.map((reply) => reply.json<Approval>().id)).size, 3)
      assert.equal(votes.filter(({ status }) => status === 201).length, 3)
      const { verdict, restsOn } = await ask(subject, { stage: 'both' })
      assert.deepEqual([verdict, new Set(restsOn.map(({ id }) => id))], ['allow', new Set(votes.map((reply) => reply.json<Approval>().id))])
    })

    it('leave no allow in force that was decided while one of them took it back', async () => {
      for (let round = 0; round < 5; round++) {
        const subject = freshDigest()
        const { id } = await approve('rita', subject)
        const asking = Array.from({ length: 10 }, () => ask(subject))
        const revoking = as('rita').post(`/v1/approvals/${id}/revoke`, { reason: 'Stop.' })
        const decisions = await Promise.all([...asking, revoking.then(() => ask(subject))])
        assert.equal((await revoking).status, 200)
        assert.equal(decisions.at(-1)?.verdict, 'deny')
        for (const { id: decision, verdict } of decisions) {
          const { voidedAt } = (await pipeline.get(`/v1/decisions/${decision}`)).json<{ voidedAt: string | null }>()
          assert.equal(voidedAt !== null, verdict === 'allow', `${verdict} of round ${round}`)
        }
      }
    })

    it('do not count beside each other where one could be the other', async () => {
      const subject = freshDigest()
      await admin.put('/v1/principals/puppeteer', { kind: 'human', groups: ['release-managers'] })
      const puppeteer = admin.as(await admin.issueToken({ principal: 'puppeteer', description: 'x', roles: ['admin'] }))
      const puppets = [await person('puppet-1', ['release-managers'], puppeteer), await person('puppet-2', ['release-managers'], puppeteer)]
      await approve('sven', subject, { stage: 'both' })
      for (const puppet of [...puppets, puppeteer]) await approve(puppet, subject, { stage: 'both' })
      const denied = await ask(subject, { stage: 'both', dryRun: true })
      assert.deepEqual(
        denied.violations.flatMap(({ missing }) => missing),
        ['2 of group release-managers, 1 given'],
      )
      await approve('rita', subject, { stage: 'both' })
      assert.equal(await given(subject, { stage: 'both' }), 'allow')
    })
  })

  describe('of people', () => {
    it('count by the groups that they are in now, and not once they are disabled', async () => {
      const subject = freshDigest()
      await person('tina', ['release-managers']).then((tina) => approve(tina, subject))
      assert.equal(await given(subject), 'allow')
      await admin.put('/v1/principals/tina', { kind: 'human', groups: [] })
      assert.equal(await given(subject), 'deny')
      await admin.put('/v1/principals/tina', { kind: 'human', groups: ['release-managers'], disabled: true })
      const denied = await ask(subject, { dryRun: true })
      assert.match(denied.violations[0]?.message ?? '', /not counted: tina \(is disabled\)/)
    })

    it('do not count where they asked, requested it, or handed out the credential that asks', async () => {
      const [own, requested, handed] = [freshDigest(), freshDigest(), freshDigest()]
      await approve('rita', own)
      assert.equal(await given(own, {}, as('rita')), 'deny')
      assert.equal(await given(own), 'allow')
      await approve('rita', requested, { action: 'request' })
      await approve('rita', requested)
      const denied = await ask(requested, { dryRun: true })
      assert.match(denied.violations[0]?.message ?? '', /rita \(asked for it\)/)
      await approve('remo', requested)
      assert.equal(await given(requested), 'allow')
      await admin.put('/v1/principals/boss', { kind: 'human', groups: ['release-managers'] })
      const boss = admin.as(await admin.issueToken({ principal: 'boss', description: 'x', roles: ['admin'] }))
      await admin.put('/v1/principals/bot', { kind: 'workload' })
      const bot = boss.as(await boss.issueToken({ principal: 'bot', description: 'x', roles: ['pipeline'] }))
      await approve(boss, handed)
      assert.deepEqual([await given(handed, {}, bot), await given(handed)], ['deny', 'allow'])
    })

    it('take a person with the scope; a workload asks for them', async () => {
      const subject = freshDigest()
      await refused(pipeline.post('/v1/approvals', { subject, stage: 'production' }), 403, 'scope_missing')
      await admin.put('/v1/principals/robot', { kind: 'workload', groups: ['release-managers'] })
      const robot = admin.as(await admin.issueToken({ principal: 'robot', description: 'x', roles: ['approver'] }))
      await refused(robot.post('/v1/approvals', { subject, stage: 'production' }), 403, 'person_required')
      await refused(robot.post('/v1/approvals', { subject, stage: 'production', action: 'request' }), 403, 'scope_missing')
    })

    it('reach no further than their tokens', async () => {
      const subject = freshDigest()
      const confined = await person('cora', ['release-managers'], admin, {
        repositories: [REPOSITORY, 'github.com/acme/till'],
        environments: ['eu'],
        stages: ['production'],
      })
      const post = (more: object): Promise<Reply> =>
        confined.post('/v1/approvals', { subject, stage: 'production', environment: 'eu', ...more })
      await refused(post({}), 422, 'repository_missing')
      await refused(post({ repository: 'github.com/acme/other' }), 403, 'outside_confinement')
      await refused(post({ repository: REPOSITORY, environment: 'us' }), 403, 'outside_confinement')
      await refused(post({ repository: REPOSITORY, environment: 'EU' }), 403, 'outside_confinement')
      await refused(post({ repository: REPOSITORY, stage: 'both' }), 403, 'outside_confinement')
      assert.equal((await post({ repository: REPOSITORY })).status, 201)
      const foreign = await approve('rita', subject, { environment: 'us' })
      assert.equal((await confined.get(`/v1/approvals/${foreign.id}`)).status, 404)
      assert.equal((await confined.post(`/v1/approvals/${foreign.id}/revoke`, { reason: 'no' })).status, 404)
    })
  })

  describe('of a change', () => {
    before(async () => {
      for (const [name, login] of [
        ['ann', 'Ann-Acme'],
        ['ben', 'ben-acme'],
      ] as const) {
        people.set(name, await person(name, []))
        await admin.send('PUT', `/v1/principals/${name}/identities/github.com/${login}`)
      }
      await (await workload('forge')).submit(HEAD, PULL_REQUEST)
    })

    it('count from who had no part in it, once a forge says who the author is', async () => {
      const asker = await workload('source-ci')
      const judged = async (subject: string, more: object = {}): Promise<string> => {
        const { verdict, violations } = await ask(subject, { stage: 'authored', dryRun: true, ...more }, asker)
        return verdict === 'allow' ? verdict : (violations[0]?.message ?? '')
      }
      await approve('ann', HEAD, { stage: 'authored' })
      assert.match(await judged(HEAD), /ann \(took part in the change\)/)
      await approve('olga', HEAD, { stage: 'authored' })
      assert.equal(await judged(HEAD), 'allow')
      const image = freshDigest()
      await approve('olga', image, { stage: 'authored' })
      assert.match(await judged(image), /olga \(nobody knows for sure who made the change\)/)
      assert.match(
        await judged(image, { source: HEAD }),
        /olga \(nobody knows for sure who made the change\)/,
        'a declared source proves nothing',
      )
    })

    it('never count by what the asker itself says about the author', async () => {
      const forger = await workload('forger')
      const source = `git+https://github.com/acme/app@${'4'.repeat(40)}`
      await forger.submit(source, PULL_REQUEST.replaceAll(`${'3'.repeat(39)}c`, '4'.repeat(40)))
      await approve('olga', source, { stage: 'authored' })
      assert.equal(await given(source, { stage: 'authored' }, forger), 'deny')
      assert.equal(await given(source, { stage: 'authored' }, await workload('not-forger')), 'allow', 'somebody else is believed')
    })
  })

  describe('that are requested', () => {
    it('are seen by people and answered by them, and requested once while they are open', async () => {
      const subject = freshDigest()
      const request = await approve(pipeline, subject, { action: 'request', comment: 'Release 4.' })
      assert.deepEqual([request.kind, request.state, request.repository, request.by.name], ['request', 'requested', REPOSITORY, 'ci'])
      assert.deepEqual(await approve(pipeline, subject, { action: 'request' }, 200), request)
      const open = (await as('rita').get('/v1/approvals?state=requested')).json<{ items: Approval[] }>()
      assert.ok(open.items.some(({ id }) => id === request.id))
      const answer = await as('rita').post(`/v1/approvals/${request.id}/approve`, { comment: 'Tried it.' })
      assert.equal(answer.status, 201, answer.text)
      const { kind, state, repository, request: answered } = answer.json<Approval>()
      assert.deepEqual([kind, state, repository, answered], ['approval', 'approved', REPOSITORY, request.id])
      assert.equal((await ask(subject)).verdict, 'allow')
      assert.equal((await as('rita').get(`/v1/approvals/${request.id}`)).json<Approval>().state, 'approved')
    })

    it('take no answer once they are withdrawn or have expired', async () => {
      const [withdrawn, late] = [
        await approve(pipeline, freshDigest(), { action: 'request' }),
        await approve(pipeline, freshDigest(), { action: 'request', expiresAt: new Date(clock.at + HOUR).toISOString() }),
      ]
      await as('rita').post(`/v1/approvals/${withdrawn.id}/revoke`, { reason: 'Not now.' })
      await refused(as('rita').post(`/v1/approvals/${withdrawn.id}/approve`, {}), 409, 'approval_ended')
      clock.at += HOUR
      await refused(as('rita').post(`/v1/approvals/${late.id}/approve`, {}), 409, 'approval_ended')
    })

    it('are the answer to a repeated idempotency key', async () => {
      const [body, key] = [{ subject: freshDigest(), stage: 'production' }, { 'idempotency-key': 'approve-1' }]
      const first = await as('rita').post('/v1/approvals', body, key)
      const again = await as('rita').post('/v1/approvals', body, key)
      assert.deepEqual([first.status, again.status, again.headers.get('idempotent-replayed')], [201, 200, 'true'])
      assert.deepEqual(again.json(), first.json())
      await refused(as('rita').post('/v1/approvals', { ...body, subject: freshDigest() }, key), 422, 'idempotency_key_reused')
    })

    it('hold for 30 days at most', async () => {
      const at = (ms: number): string => new Date(clock.at + ms).toISOString()
      for (const expiresAt of [at(0), at(30 * DAY + 1000)]) {
        await refused(
          as('rita').post('/v1/approvals', { subject: freshDigest(), stage: 'production', expiresAt }),
          422,
          'approval_time_invalid',
        )
      }
    })
  })

  describe('that a binding demands', () => {
    it('have to be within reach of its groups', async () => {
      const put = (parameters: object): Promise<Reply> =>
        admin.put('/v1/bindings/reach', { pack: 'approvals', stage: ['reach'], mode: 'shadow', parameters })
      await refused(put({ groups: ['nobody'] }), 422, 'approval_unreachable')
      await refused(put({ required: 20, groups: ['release-managers'] }), 422, 'approval_unreachable')
      await refused(put({ also: [{ required: 2, groups: ['nobody', 'other'] }] }), 422, 'approval_unreachable')
      await refused(put({ environments: { eu: { groups: ['nobody'] } } }), 422, 'approval_unreachable')
      assert.equal((await put({ required: 2, groups: ['nobody', 'release-managers'] })).status, 201)
    })
  })

  it('are measured from the first pending decision or request to the verdict that had enough', async () => {
    const read = async (name: string): Promise<number> =>
      Number(new RegExp(`^portcullis_${name} (.+)$`, 'm').exec((await admin.get('/metrics')).text)?.[1])
    const [waiting, sum] = [await read('approvals_pending'), await read('approval_pending_seconds_sum')]
    const [asked, requested] = [freshDigest(), freshDigest()]
    await ask(asked)
    await ask(asked)
    await approve(pipeline, requested, { action: 'request' })
    await ask(requested)
    assert.equal(await read('approvals_pending'), waiting + 2)
    clock.at += HOUR
    for (const subject of [asked, requested]) {
      await approve('rita', subject)
      assert.equal((await ask(subject)).verdict, 'allow')
    }
    assert.equal(await read('approvals_pending'), waiting)
    assert.equal((await read('approval_pending_seconds_sum')) - sum, 7200)
  })

  it('are leaves of the log, with what people wrote beside them', async () => {
    const subject = freshDigest()
    const { id } = await approve('rita', subject, { comment: 'Looks fine to me' })
    await as('rita').post(`/v1/approvals/${id}/revoke`, { reason: 'No, it does not' })
    type Entry = { type: string; body: object; detail: Record<string, unknown> }
    const { items } = (await admin.get(`/v1/audit/entries?subject=${subject}`)).json<{ items: Entry[] }>()
    assert.deepEqual(
      new Map(items.map(({ type, detail }) => [type, detail['comment'] ?? detail['reason']])),
      new Map([
        ['approval.given', 'Looks fine to me'],
        ['approval.revoked', 'No, it does not'],
      ]),
    )
    for (const { body } of items) assert.doesNotMatch(JSON.stringify(body), /fine|rita/)
  })
})
