import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { generateLogKey, randomOrigin } from '../../src/audit/log-key.ts'
import { denyingRules, type Client, type DecisionBody, type Reply } from '../support/client.ts'
import { freshDigest } from '../support/reports.ts'
import { startService, type RunningService } from '../support/service.ts'
import { forEachEngine } from '../support/storage.ts'

const HOUR = 3_600_000
const GLASS = { reason: 'Checkout is down, this is the fix', incident: 'INC-4711' }

type Broken = DecisionBody & {
  at: string
  pending: boolean
  breakGlass: { reason: string; incident: string; by: string; until: string; bindings: string[]; rules: string[] } | null
  review: { state: string; kind: string; openedBy: { name: string } } | null
}

await forEachEngine('Breaking the glass', (engine) => {
  let service: RunningService
  let admin: Client
  let ann: Client
  let ben: Client
  let cut: Client
  const clock = { at: Date.parse('2026-11-18T10:00:00Z'), now: () => clock.at }

  before(async () => {
    const { databaseUrl } = await engine.place()
    const database = databaseUrl !== undefined && {
      PORTCULLIS_DATABASE_URL: databaseUrl,
      PORTCULLIS_LOG_KEY: generateLogKey(randomOrigin()),
    }
    service = await startService({ PORTCULLIS_PROFILE: 'observe', PORTCULLIS_SECOND_PERSON: 'all', ...database }, { clock })
    admin = service.admin
    ann = await person('ann', ['pipeline'], ['breakglass:use'])
    ben = await person('ben', ['approver'])
    cut = await person('cut', ['pipeline'])
    // Nobody has evidence, so each of these denies where it applies.
    await bind('tests', { stage: ['production', 'both'], parameters: { missing: 'violation' }, breakGlass: { maxDuration: 'PT4H' } })
    await bind('coverage', { stage: ['both', 'strict'], parameters: { missing: 'violation' }, breakGlass: { maxDuration: 'PT1H' } })
    await bind('findings', { stage: ['strict'], parameters: { missing: 'violation' } })
    await bind('rollback', { stage: ['loose'], mode: 'shadow' })
  })
  after(() => service[Symbol.asyncDispose]())

  async function person(name: string, roles: readonly string[], scopes: readonly string[] = []): Promise<Client> {
    await admin.put(`/v1/principals/${name}`, { kind: 'human' })
    return admin.as(await admin.issueToken({ principal: name, description: 'x', roles, scopes }))
  }

  async function bind(pack: string, more: object): Promise<void> {
    const reply = await admin.put(`/v1/bindings/glass-${pack}`, { pack, ...more })
    ok(reply.status === 201 || reply.status === 200, reply.text)
  }

  const ask = async (asker: Client, request: Record<string, unknown>): Promise<Broken> =>
    (await asker.decide({ subject: freshDigest(), stage: 'production', ...request })) as Broken

  async function refused(reply: Promise<Reply>, status: number, code: string, field?: string): Promise<void> {
    const { status: actual, text, json } = await reply
    equal(actual, status, text)
    equal(json()['code'], code)
    if (field !== undefined) equal(json()['field'], field)
  }

  const metric = async (name: string): Promise<number> =>
    Number(new RegExp(`^portcullis_${name} (.+)$`, 'm').exec((await admin.get('/metrics')).text)?.[1] ?? 0)

  describe('where every binding that denies permits it', () => {
    it('allows for a while, marked with who, why and against what', async () => {
      const broken = await metric('break_glass_total{environment="production"}')
      const decision = await ask(ann, { breakGlass: GLASS })
      const until = new Date(clock.at + 4 * HOUR).toISOString()
      deepEqual([decision.verdict, decision.enforced, decision.expiresAt, decision.pending], ['allow', true, until, false])
      deepEqual(decision.breakGlass, { ...GLASS, by: 'ann', until, bindings: ['glass-tests'], rules: ['tests.missing_evidence'] })
      deepEqual([decision.violations, decision.warnings.map(({ rule }) => rule)], [[], ['tests.missing_evidence']])
      deepEqual(
        decision.restsOn.map(({ kind }) => kind),
        ['break-glass'],
      )
      equal(await metric('break_glass_total{environment="production"}'), broken + 1)
      const text = await ann.get(`/v1/decisions/${decision.id}/explain`, { accept: 'text/plain' })
      match(text.text, /glass broken by ann until .* against glass-tests, incident INC-4711: Checkout is down/)
    })

    it('ends with the shortest of their durations', async () => {
      const { breakGlass, expiresAt } = await ask(ann, { stage: 'both', breakGlass: GLASS })
      deepEqual(breakGlass?.bindings, ['glass-coverage', 'glass-tests'])
      equal(expiresAt, new Date(clock.at + HOUR).toISOString())
    })

    it('is replayed to the same', async () => {
      for (const request of [{ breakGlass: GLASS }, { stage: 'strict', breakGlass: GLASS }]) {
        const { id, verdict } = await ask(ann, request)
        const report = (await ann.post(`/v1/decisions/${id}/replay`, {})).json<{ identical: boolean; verdict: { replayed: string } }>()
        deepEqual([report.identical, report.verdict.replayed], [true, verdict], JSON.stringify(report))
      }
    })

    it('changes nothing where nothing denies, or in a dry run', async () => {
      const open = await ask(ann, { stage: 'loose', breakGlass: GLASS })
      deepEqual([open.verdict, open.breakGlass, open.review], ['allow', null, null])
      const dry = await ask(ann, { breakGlass: GLASS, dryRun: true })
      deepEqual([dry.verdict, dry.breakGlass?.by, dry.review], ['allow', 'ann', null])
    })
  })

  describe('otherwise', () => {
    it('denies by what denied, and says which bindings permit no exception', async () => {
      const decision = await ask(ann, { stage: 'strict', breakGlass: GLASS })
      deepEqual([decision.verdict, decision.breakGlass, decision.review], ['deny', null, null])
      deepEqual(denyingRules(decision), ['coverage.missing_evidence', 'findings.missing_evidence', 'gate.break_glass_refused'])
      match(decision.violations.find(({ rule }) => rule === 'gate.break_glass_refused')?.message ?? '', /\(glass-findings\)/)
      const subject = freshDigest()
      equal((await admin.post('/v1/blocks', { subject, reason: 'It holds a back door.' })).status, 201)
      const blocked = await ask(ann, { subject, breakGlass: GLASS })
      deepEqual([blocked.verdict, blocked.breakGlass, denyingRules(blocked)[0]], ['deny', null, 'gate.blocked'])
    })

    it('takes the scope, and a reason and an incident in words', async () => {
      const post = (asker: Client, breakGlass: object): Promise<Reply> =>
        asker.post('/v1/decisions', { subject: freshDigest(), stage: 'production', breakGlass })
      await refused(post(cut, GLASS), 403, 'scope_missing', 'header.Authorization')
      await refused(cut.post('/v1/decisions', { subject: 'a:tag', stage: 'production', breakGlass: GLASS }), 403, 'scope_missing')
      await refused(post(ann, { ...GLASS, reason: '  ' }), 422, 'break_glass_text_invalid', 'body.breakGlass.reason')
      await refused(post(ann, { ...GLASS, incident: 'a\u001bb' }), 422, 'break_glass_text_invalid', 'body.breakGlass.incident')
      await refused(post(ann, { reason: 'only' }), 422, 'invalid_body')
    })

    it('is permitted for a minute to a week only, and by two people where loosening takes two', async () => {
      for (const maxDuration of ['PT59S', 'P8D', 'P1M', 'PT0S'])
        await refused(admin.put('/v1/bindings/glass-new', { pack: 'tests', breakGlass: { maxDuration } }), 422, 'break_glass_malformed')
      await person('second', ['admin'])
      const settings = { pack: 'findings', stage: ['strict'], parameters: { missing: 'violation' } }
      equal((await admin.put('/v1/bindings/glass-findings', { ...settings, breakGlass: { maxDuration: 'PT1M' } })).status, 202)
      const { bindings } = (await admin.get(`/v1/effective?subject=${freshDigest()}&stage=both`)).json<{
        bindings: { name: string; breakGlass: object | null }[]
      }>()
      deepEqual(bindings.find(({ name }) => name === 'glass-coverage')?.breakGlass, { maxDuration: 'PT1H' })
    })
  })

  describe('afterwards', () => {
    it('leaves a review open until somebody else closes it', async () => {
      const { id, review } = await ask(ann, { breakGlass: GLASS })
      deepEqual([review?.state, review?.kind, review?.openedBy.name], ['open', 'break-glass', 'ann'])
      const report = { outcome: 'justified', comment: 'It was down.' }
      const own = admin.as(await admin.issueToken({ principal: 'ann', description: 'y', roles: ['approver'] }))
      await refused(own.post(`/v1/decisions/${id}/review`, report), 403, 'own_review')
      const open = (await ben.get('/v1/decisions?review=open')).json<{ items: { id: string }[] }>()
      ok(open.items.some((item) => item.id === id))
      equal((await ben.post(`/v1/decisions/${id}/review`, report)).status, 200)
    })

    it('is void once the review finds no cause', async () => {
      const decision = await ask(ann, { breakGlass: GLASS })
      const other = await ask(ann, { breakGlass: GLASS, subject: freshDigest() })
      const closed = await ben.post(`/v1/decisions/${decision.id}/review`, { outcome: 'unjustified', comment: 'It was convenience.' })
      equal(closed.status, 200, closed.text)
      const now = async (id: string): Promise<string | null> => (await ann.get(`/v1/decisions/${id}`)).json<DecisionBody>().voidedAt
      deepEqual([await now(decision.id), await now(other.id)], [closed.json()['closedAt'], null])
    })

    it('grounds no deployment, and is no bypass either', async () => {
      const subject = freshDigest()
      const { id } = await ask(ann, { subject, breakGlass: GLASS })
      const started = { subject, environment: 'production', startedAt: new Date(clock.at).toISOString() }
      const { decisionId, groundedBy, grounded, bypass } = (await ann.post('/v1/deployments', started)).json()
      deepEqual({ decisionId, groundedBy, grounded, bypass }, { decisionId: id, groundedBy: null, grounded: false, bypass: false })
    })

    it('lets admission run it until it ends, as any other allow', async () => {
      await admin.put('/v1/bindings/glass-verdict', { pack: 'verdict', stage: ['admission'] })
      const subject = freshDigest()
      await ask(ann, { subject, breakGlass: GLASS })
      const admitted = async (): Promise<string> =>
        (await ask(ann, { subject, stage: 'admission', environment: 'production', dryRun: true })).verdict
      equal(await admitted(), 'allow')
      clock.at += 4 * HOUR
      equal(await admitted(), 'deny')
    })

    it('stands in the log, with what was said beside the leaf', async () => {
      const subject = freshDigest()
      const { breakGlass } = await ask(ann, { subject, breakGlass: GLASS })
      type Entry = { type: string; body: Record<string, unknown>; detail: Record<string, unknown> }
      const { items } = (await admin.get(`/v1/audit/entries?subject=${subject}`)).json<{ items: Entry[] }>()
      deepEqual(items[0]?.body['breakGlass'], { until: breakGlass?.until, bindings: ['glass-tests'] })
      deepEqual(items[0]?.detail['breakGlass'], GLASS)
      ok(!JSON.stringify(items[0]?.body).includes(GLASS.incident))
    })
  })
})
