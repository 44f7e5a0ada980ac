import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { generateLogKey, randomOrigin } from '../../src/audit/log-key.ts'
import type { Deployment } from '../../src/decisions/deployments/deployment.ts'
import type { ReplayReport } from '../../src/decisions/replay/replay.ts'
import type { RequestedWaiver } from '../../src/governance/waivers/waivers.ts'
import { denyingRules, type Client, type DecisionBody, type Reply } from '../support/client.ts'
import { freshDigest, trivy } from '../support/reports.ts'
import { startService, type RunningService } from '../support/service.ts'
import { forEachEngine } from '../support/storage.ts'

const DAY = 24 * 60 * 60_000
const REPOSITORY = 'github.com/acme/cart'
const RULE = 'vulnerabilities.max_severity'

interface WaivedBody {
  kind: string
  waiver: string
  rule: string
  requestedBy: string
  approvedBy: string[]
  expiresAt: string
  bindings: string[]
  count: number
  findings: { id: string }[]
}

await forEachEngine('Waivers', (engine) => {
  let service: RunningService
  let admin: Client
  let pipeline: Client
  let ann: Client
  let ben: Client
  const clock = { at: Date.now(), now: () => clock.at }
  const inDays = (days: number): string => new Date(clock.at + days * DAY).toISOString()

  before(async () => {
    service = await start({})
    admin = service.admin
    pipeline = await confined(admin, 'ci', { repositories: [REPOSITORY] })
    ann = await hire(admin, 'ann')
    ben = await hire(admin, 'ben')
  })
  after(() => service[Symbol.asyncDispose]())

  async function start(env: Record<string, string>): Promise<RunningService> {
    const { databaseUrl } = await engine.place()
    const database: Record<string, string> =
      databaseUrl === undefined ? {} : { PORTCULLIS_DATABASE_URL: databaseUrl, PORTCULLIS_LOG_KEY: generateLogKey(randomOrigin()) }
    return startService({ ...database, ...env }, { clock })
  }

  /** A subject with that many critical vulnerabilities, CVE-2026-1000 and on. */
  async function vulnerable(critical = 1, by = pipeline): Promise<string> {
    const subject = freshDigest()
    await by.submit(subject, trivy({ severities: Array.from({ length: critical }, () => 'CRITICAL') }))
    return subject
  }

  async function requested(by: Client, scope: object, days = 7): Promise<RequestedWaiver> {
    const reply = await request(by, scope, { expiresAt: inDays(days) })
    assert.equal(reply.status, 201, reply.text)
    return reply.json()
  }

  async function granted(scope: object, days = 7): Promise<RequestedWaiver> {
    const waiver = await requested(ann, scope, days)
    await taken(approve(ben, waiver))
    return waiver
  }

  function request(by: Client, scope: object, more: object = {}): Promise<Reply> {
    return by.post('/v1/waivers', { scope: { rule: RULE, ...scope }, reason: 'Not reachable.', expiresAt: inDays(7), ...more })
  }

  const ask = (subject: string, more: object = {}): Promise<DecisionBody> => pipeline.decide({ subject, stage: 'production', ...more })

  describe('of one person, approved by another', () => {
    it('turn a deny into an allow that names them, until they end, without anyone doing anything', async () => {
      const subject = await vulnerable()
      assert.deepEqual(denyingRules(await ask(subject)), [RULE])
      const waiver = await requested(ann, { subject, vulnerability: 'CVE-2026-1000' }, 2)
      assert.deepEqual([waiver.state, waiver.warnings, waiver.approvalsNeeded], ['requested', [], 1])
      assert.equal((await ask(subject)).verdict, 'deny', 'a request alone changes nothing')
      const approved = await taken(approve(ben, waiver, 'Checked: the function is not called.'))
      assert.deepEqual([approved.state, approved.approvals.map(({ by }) => by.name)], ['approved', ['ben']])

      const allowed = await ask(subject)
      assert.deepEqual([allowed.verdict, allowed.violations, allowed.expiresAt], ['allow', [], waiver.expiresAt])
      assert.deepEqual(allowed.restsOn, [{ kind: 'waiver', id: waiver.id }])
      const [waived, ...others] = waivedIn(allowed)
      assert.deepEqual(others, [])
      assert.deepEqual(
        [waived?.waiver, waived?.rule, waived?.requestedBy, waived?.approvedBy, waived?.expiresAt, waived?.bindings, waived?.count],
        [waiver.id, RULE, 'ann', ['ben'], waiver.expiresAt, ['vulnerabilities'], 1],
      )
      assert.deepEqual(
        waived?.findings.map(({ id }) => id),
        ['CVE-2026-1000'],
      )
      assert.equal((await pipeline.decide({ subject, stage: 'admission', environment: 'production' })).verdict, 'allow')

      clock.at += 2 * DAY
      assert.deepEqual(denyingRules(await ask(subject)), [RULE])
      assert.equal((await pipeline.decide({ subject, stage: 'admission', environment: 'production' })).verdict, 'deny')
      assert.equal((await admin.get(`/v1/waivers/${waiver.id}`)).json()['state'], 'expired')
      const replay = (await admin.post(`/v1/decisions/${allowed.id}/replay`, undefined)).json<ReplayReport>()
      assert.deepEqual([replay.identical, replay.verdict], [true, { recorded: 'allow', replayed: 'allow' }], JSON.stringify(replay))
    })

    it('take findings out, not violations: what they don’t name still denies', async () => {
      const subject = await vulnerable(3)
      await granted({ subject, vulnerability: 'CVE-2026-1000' })
      await granted({ subject, vulnerability: 'CVE-2026-1001' })
      const denied = await ask(subject)
      assert.deepEqual(
        denied.violations.map(({ findings }) => findings.map(({ id }) => id)),
        [['CVE-2026-1002']],
      )
      assert.deepEqual([waivedIn(denied).length, denied.restsOn], [2, []])
      await granted({ subject, purl: 'pkg:deb/debian/openssl@3.0.13' }, 9)
      const allowed = await ask(subject)
      assert.deepEqual([allowed.verdict, allowed.restsOn.length], ['allow', 1], 'the one that covers all of it, and ends last, is enough')
    })

    it('hide no missing evidence unless they name that rule', async () => {
      const subject = freshDigest()
      const missing = 'vulnerabilities.missing_evidence'
      assert.deepEqual(denyingRules(await ask(subject)), [missing])
      await granted({ subject })
      await granted({ rule: missing, subject, purl: 'pkg:deb/debian/openssl' })
      await granted({ rule: missing, subject, vulnerability: 'CVE-2026-1000' })
      assert.deepEqual(denyingRules(await ask(subject)), [missing])
      const waiver = await granted({ rule: missing, subject })
      const allowed = await ask(subject)
      assert.deepEqual([allowed.verdict, waivedIn(allowed).map(({ waiver: id, count }) => [id, count])], ['allow', [[waiver.id, 0]]])
    })

    it('are told in the explanation of a decision', async () => {
      const subject = await vulnerable()
      const waiver = await granted({ subject })
      const { id } = await ask(subject)
      const text = (await admin.get(`/v1/decisions/${id}/explain`, { accept: 'text/plain' })).text
      assert.match(text, new RegExp(`WAIVED.*${waiver.id} until ${waiver.expiresAt}.*Requested by ann, approved by ben: Not reachable`))
    })
  })

  describe('that somebody approves', () => {
    it('are never their own: not by another token of theirs, one that they issued, or one that was issued to both by one of them', async () => {
      const second = admin.as(await admin.issueToken({ principal: 'ann', description: 'x', roles: ['admin'] }))
      const issued = await hire(ann, 'issued')
      const waiver = await requested(ann, { subject: freshDigest() })
      for (const by of [ann, second, issued]) await refused(approve(by, waiver), 403, 'own_waiver')
      assert.equal((await admin.get(`/v1/waivers/${waiver.id}`)).json()['state'], 'requested')
    })

    it('take a person with the scope, who may speak for all that they let pass', async () => {
      const waiver = await requested(ann, { repository: REPOSITORY })
      const everywhere = await requested(ann, { subject: freshDigest() })
      const robot = await confined(admin, 'robot', {}, ['approver'])
      await refused(approve(robot, waiver), 403, 'person_required')
      const reader = await hire(admin, 'reader', ['auditor'])
      await refused(approve(reader, waiver), 403, 'scope_missing')
      const shop = await hire(admin, 'shop', ['approver'], { repositories: ['github.com/acme/shop'] })
      await refused(approve(shop, waiver), 404, 'not_found')
      const partial = await hire(admin, 'partial', ['approver'], { repositories: ['github.com/acme/*'], environments: ['staging'] })
      await refused(approve(partial, waiver), 403, 'outside_confinement')
      const cart = await hire(admin, 'cart', ['approver'], { repositories: ['github.com/acme/*'] })
      await refused(approve(cart, everywhere), 404, 'not_found')
      assert.equal((await taken(approve(cart, waiver))).state, 'approved')
      await refused(revoke(partial, waiver), 403, 'outside_confinement')
      await taken(revoke(cart, waiver))
    })

    it('can’t be decided twice, revoked before, or approved after their end', async () => {
      const waiver = await requested(ann, { subject: freshDigest() }, 1)
      await refused(revoke(ben, waiver), 409, 'waiver_not_approved')
      clock.at += DAY
      await refused(approve(ben, waiver), 409, 'waiver_expired')
      await refused(reject(ben, waiver), 409, 'waiver_expired')
      const other = await requested(ann, { subject: freshDigest() })
      assert.equal((await taken(reject(ben, other))).state, 'rejected')
      await refused(approve(ben, other), 409, 'waiver_decided')
      await refused(approve(ben, { id: '019a7c1e-0000-7000-8000-000000000000' }), 404, 'not_found')
    })
  })

  it('are withdrawn by whoever requested them, a pipeline as well, and by nobody else', async () => {
    const waiver = await requested(pipeline, {})
    assert.equal(waiver.scope.repository, REPOSITORY)
    const withdraw = (by: Client) => by.post(`/v1/waivers/${waiver.id}/withdraw`, { reason: 'The upgrade is out.' })
    await refused(withdraw(ann), 403, 'foreign_waiver')
    const { state, rejected } = await taken(withdraw(pipeline))
    assert.deepEqual([state, rejected?.by.name], ['rejected', 'ci'])
    await refused(withdraw(pipeline), 409, 'waiver_decided')
    await refused(approve(ben, waiver), 409, 'waiver_decided')
  })

  it('count once however many approve at once, each with one vote, where two have to', async () => {
    await using strict = await start({ PORTCULLIS_WAIVER_APPROVALS: '2' })
    const [dan, eve, fay] = [await hire(strict.admin, 'dan'), await hire(strict.admin, 'eve'), await hire(strict.admin, 'fay')]
    const waiver = (await request(dan, { subject: freshDigest() })).json<RequestedWaiver>()
    assert.equal(waiver.approvalsNeeded, 2)
    const votes = await Promise.all(Array.from({ length: 8 }, () => approve(eve, waiver)))
    assert.deepEqual(countStatuses(votes), { 200: 1, 409: 7 })
    assert.equal((await strict.admin.get(`/v1/waivers/${waiver.id}`)).json()['state'], 'requested')
    const outcomes = await Promise.all(Array.from({ length: 8 }, (_, at) => approve(at % 2 === 0 ? fay : eve, waiver)))
    assert.deepEqual(countStatuses(outcomes), { 200: 1, 409: 7 })
    const decided = (await strict.admin.get(`/v1/waivers/${waiver.id}`)).json<RequestedWaiver>()
    assert.deepEqual([decided.state, decided.approvals.map(({ by }) => by.name)], ['approved', ['eve', 'fay']])
    const { items } = (await strict.admin.get('/v1/audit/entries?type=waiver.approved')).json<{ items: object[] }>()
    assert.equal(items.length, 2)
  })

  describe('that are revoked', () => {
    it('void the allows that rest on them, so that nothing relies on these any more', async () => {
      const subject = await vulnerable()
      const waiver = await granted({ subject })
      const allowed = await ask(subject)
      const revoked = await taken(revoke(ben, waiver))
      assert.deepEqual([revoked.state, revoked.revoked?.by.name, revoked.revoked?.reason], ['revoked', 'ben', 'It is exploited now.'])
      assert.equal((await admin.get(`/v1/decisions/${allowed.id}`)).json()['voidedAt'], revoked.revoked?.at)
      assert.equal((await pipeline.decide({ subject, stage: 'admission', environment: 'production' })).verdict, 'deny')
      const report = { subject, environment: 'production', startedAt: new Date(clock.at).toISOString() }
      assert.equal((await pipeline.post('/v1/deployments', report)).json<Deployment>().grounded, false)
      assert.equal((await ask(subject)).verdict, 'deny')
      await refused(revoke(ben, waiver), 409, 'waiver_decided')
      const replay = (await admin.post(`/v1/decisions/${allowed.id}/replay`, undefined)).json<ReplayReport>()
      assert.equal(replay.identical, true, JSON.stringify(replay))
    })

    it('while decisions run leave no allow that stands', async () => {
      const subject = await vulnerable()
      const waiver = await granted({ subject })
      const asking = Array.from({ length: 40 }, () => ask(subject))
      await asking[3]
      const [decisions] = await Promise.all([
        Promise.all([...asking, ...Array.from({ length: 40 }, () => ask(subject))]),
        revoke(ben, waiver),
      ])
      const now = await Promise.all(decisions.map(async ({ id }) => (await admin.get(`/v1/decisions/${id}`)).json<DecisionBody>()))
      assert.ok(now.some(({ verdict }) => verdict === 'allow'))
      assert.deepEqual(
        now.filter(({ verdict, voidedAt }) => verdict === 'allow' && voidedAt === null),
        [],
      )
      assert.equal((await ask(subject)).verdict, 'deny')
    })
  })
})

function approve(by: Client, { id }: { id: string }, comment?: string): Promise<Reply> {
  return by.post(`/v1/waivers/${id}/approve`, { ...(comment !== undefined && { comment }) })
}

function reject(by: Client, { id }: { id: string }): Promise<Reply> {
  return by.post(`/v1/waivers/${id}/reject`, { reason: 'The fix is out.' })
}

function revoke(by: Client, { id }: { id: string }): Promise<Reply> {
  return by.post(`/v1/waivers/${id}/revoke`, { reason: 'It is exploited now.' })
}

async function taken(reply: Promise<Reply>): Promise<RequestedWaiver> {
  const { status, text, json } = await reply
  assert.equal(status, 200, text)
  return json()
}

async function refused(reply: Promise<Reply>, status: number, code: string): Promise<void> {
  const { status: actual, text, json } = await reply
  assert.deepEqual([actual, json()['code']], [status, code], text)
}

function countStatuses(replies: readonly Reply[]): Record<number, number> {
  const counts: Record<number, number> = {}
  for (const { status } of replies) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

function waivedIn(decision: DecisionBody): WaivedBody[] {
  return (decision.waived as unknown as WaivedBody[]).filter(({ kind }) => kind === 'waiver')
}

async function hire(by: Client, name: string, roles = ['admin'], confinement: object = {}): Promise<Client> {
  const reply = await by.put(`/v1/principals/${name}`, { kind: 'human' })
  assert.ok([200, 201].includes(reply.status), reply.text)
  return by.as(await by.issueToken({ principal: name, description: 'x', roles, confinement }))
}

async function confined(by: Client, name: string, confinement: object, roles = ['pipeline']): Promise<Client> {
  const reply = await by.put(`/v1/principals/${name}`, { kind: 'workload' })
  assert.ok([200, 201].includes(reply.status), reply.text)
  return by.as(await by.issueToken({ principal: name, description: 'x', roles, confinement }))
}
