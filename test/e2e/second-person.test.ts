import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { describe, it } from 'node:test'

import type { Browser } from '../support/browser.ts'
import type { Client, Reply } from '../support/client.ts'
import { HostileProvider } from '../support/hostile-provider.ts'
import { configure, logIn } from '../support/login.ts'
import { startService, type RunningService } from '../support/service.ts'

const ADMIN = { description: 'x', roles: ['admin'] }

/** A human with an administrator's token that this client issues. */
async function hire(by: Client, name: string): Promise<Client> {
  const reply = await by.put(`/v1/principals/${name}`, { kind: 'human' })
  ok([200, 201].includes(reply.status), reply.text)
  return by.as(await by.issueToken({ principal: name, ...ADMIN }))
}

/** A linked address: a change that needs a second person. */
function link(by: Client, value: string): Promise<Reply> {
  return by.send('PUT', `/v1/principals/admin/identities/email/${encodeURIComponent(value)}`)
}

async function proposed(by: Client, value: string): Promise<string> {
  const reply = await link(by, value)
  equal(reply.status, 202, reply.text)
  const { id, state } = reply.json<{ id: string; state: string }>()
  deepEqual([reply.headers.get('location'), state], [`/v1/changes/${id}`, 'pending'])
  return id
}

function approve(by: Client, id: string): Promise<Reply> {
  return by.post(`/v1/changes/${id}/approve`, {})
}

async function expectRefused(reply: Promise<Reply>, code: string): Promise<void> {
  const { status, text, json } = await reply
  deepEqual([status, json()['code']], [403, code], text)
}

async function addresses({ admin }: RunningService): Promise<string[]> {
  const { items } = (await admin.get('/v1/principals/admin/identities')).json<{ items: { value: string }[] }>()
  return items.map(({ value }) => value)
}

async function loggedIn({ url }: RunningService, provider: HostileProvider, name: string): Promise<Browser> {
  const claims = { sub: name, email: `${name}@example.com`, email_verified: true, groups: ['admins'] }
  const { browser, response } = await logIn(url, provider, { claims })
  equal(response.status, 303, await response.text())
  return browser
}

/** The same in a session. */
async function proposedBy(browser: Browser, { url }: RunningService, value: string): Promise<string> {
  const reply = await browser.send('PUT', `${url}/v1/principals/admin/identities/email/${encodeURIComponent(value)}`)
  equal(reply.status, 202)
  return ((await reply.json()) as { id: string }).id
}

describe('A second person', () => {
  it('is not needed while there is one administrator', async () => {
    await using service = await startService()
    equal((await link(service.admin, 'one@example.com')).status, 201)
    deepEqual(await addresses(service), ['one@example.com'])
  })

  it('approves what another proposed, and it is done', async () => {
    await using service = await startService()
    const [ann, ben] = [await hire(service.admin, 'ann'), await hire(service.admin, 'ben')]
    const id = await proposed(ann, 'new@example.com')
    deepEqual(await addresses(service), [])
    const reply = await approve(ben, id)
    equal(reply.status, 200, reply.text)
    deepEqual(await addresses(service), ['new@example.com'])
    equal((await approve(ben, id)).json()['code'], 'change_decided')
    const { items } = (await service.admin.get('/v1/audit/entries?type=change.approved')).json<{ items: { body: object }[] }>()
    equal(items.length, 1)
    ok(!JSON.stringify(items[0]?.body).includes('example.com'), 'an address is no part of a leaf')
  })

  it('is nobody whose token the proposer could have, nor the other way round', async () => {
    await using service = await startService()
    const { admin } = service
    const ann = await hire(admin, 'ann')
    const id = await proposed(ann, 'mine@example.com')
    const second = ann.as(await ann.issueToken({ principal: 'ann', ...ADMIN }))
    const other = await hire(ann, 'other')
    const chained = await hire(other, 'chained')
    const ben = await hire(admin, 'ben')
    const bens = (await admin.get('/v1/tokens?principal=ben')).json<{ items: { id: string }[] }>().items[0]?.id ?? ''
    const rotated = (await ann.send('POST', `/v1/tokens/${bens}/rotate`)).json<{ token: string }>().token
    for (const by of [ann, second, other, chained, admin, ann.as(rotated)]) await expectRefused(approve(by, id), 'own_change')
    await expectRefused(approve(admin, await proposed(other, 'through@example.com')), 'own_change')
    await expectRefused(approve(ann, await proposed(chained, 'further@example.com')), 'own_change')
    await expectRefused(approve(ann, await proposed(admin, 'above@example.com')), 'own_change')
    deepEqual(await addresses(service), [])
    ok(ben)
    const independent = await hire(admin, 'eve')
    equal((await approve(independent, id)).status, 200)
  })

  it('is no workload, and no workload proposes', async () => {
    await using service = await startService()
    const [ann, ben] = [await hire(service.admin, 'ann'), await hire(service.admin, 'ben')]
    await service.admin.put('/v1/principals/robot', { kind: 'workload' })
    const robot = service.admin.as(await service.admin.issueToken({ principal: 'robot', ...ADMIN }))
    const id = await proposed(ann, 'a@example.com')
    await expectRefused(approve(robot, id), 'person_required')
    await expectRefused(link(robot, 'b@example.com'), 'second_person_required')
    // Whoever can run the workload could have a token that it issued.
    const own = robot.as(await robot.issueToken({ principal: 'ben', ...ADMIN }))
    await expectRefused(approve(own, id), 'person_required')
    // A workload that becomes a human would be a second person: that takes one as well, and its token stays what it was.
    const promoted = await ann.put('/v1/principals/robot', { kind: 'human' })
    equal(promoted.status, 202)
    equal((await approve(ben, promoted.json<{ id: string }>().id)).status, 200)
    await expectRefused(approve(robot, id), 'person_required')
  })

  it('is needed to be rid of a second person', async () => {
    await using service = await startService()
    const { admin } = service
    const ann = await hire(admin, 'ann')
    equal((await ann.put('/v1/principals/admin', { kind: 'human', disabled: true })).status, 202)
    equal((await ann.put('/v1/principals/admin', { kind: 'workload' })).status, 202)
    const { items } = (await admin.get('/v1/tokens?principal=admin')).json<{ items: { id: string }[] }>()
    for (const { id } of items) equal((await ann.send('DELETE', `/v1/tokens/${id}`)).status, 204)
    equal((await link(ann, 'alone@example.com')).status, 202, 'who had a token a moment ago still counts')
  })

  it('is asked for joining a group, not for the rest', async () => {
    await using service = await startService()
    const [ann, ben] = [await hire(service.admin, 'ann'), await hire(service.admin, 'ben')]
    equal((await ann.put('/v1/principals/carl', { kind: 'human' })).status, 201)
    equal((await ann.put('/v1/principals/carl', { kind: 'human', disabled: true })).status, 200)
    equal((await ann.put('/v1/principals/bot', { kind: 'workload', groups: ['ci'] })).status, 201)
    const joining = await ann.put('/v1/principals/carl', { kind: 'human', groups: ['approvers'] })
    equal(joining.status, 202)
    const change = joining.json<{ id: string; before: object; after: object; summary: string }>()
    deepEqual(
      [change.before, change.after],
      [
        { disabled: true, groups: [] },
        { disabled: false, groups: ['approvers'] },
      ],
    )
    equal((await ben.post(`/v1/changes/${change.id}/approve`, { comment: 'He starts on Monday.' })).status, 200)
    deepEqual((await ann.get('/v1/principals/carl')).json()['groups'], ['approvers'])
  })

  it('is asked for whom to trust, and for trusting them no longer', async () => {
    await using service = await startService()
    const [ann, ben] = [await hire(service.admin, 'ann'), await hire(service.admin, 'ben')]
    await ann.put('/v1/principals/ci', { kind: 'workload' })
    const rule = { name: 'cart', claims: { repository_id: '4711' }, principal: 'ci', roles: ['pipeline'] }
    const issuer = {
      kind: 'github',
      issuer: 'https://token.actions.githubusercontent.com',
      audiences: ['https://gate.example.com'],
      rules: [rule],
    }
    equal((await ann.put('/v1/issuers/github', { ...issuer, rules: [{ ...rule, principal: 'ben' }] })).json()['code'], 'rule_invalid')
    const reply = await ann.put('/v1/issuers/github', issuer)
    equal(reply.status, 202, reply.text)
    const { id, kind, after } = reply.json<{ id: string; kind: string; after: { rules: { principal: string }[] } }>()
    deepEqual([kind, after.rules[0]?.principal], ['issuer.put', 'ci'])
    equal((await ann.get('/v1/issuers/github')).status, 404)
    equal((await ann.put('/v1/principals/ci', { kind: 'workload', disabled: true })).status, 200)
    equal((await approve(ben, id)).json()['code'], 'rule_invalid', 'it is checked once more')
    equal((await ann.put('/v1/principals/ci', { kind: 'workload' })).status, 200)
    equal((await approve(ben, id)).status, 200)
    deepEqual((await ann.get('/v1/issuers/github')).json()['updatedBy'], 'ann')
    const widened = (await ann.put('/v1/issuers/github', { ...issuer, rules: [] })).json<{ id: string; before: object; after: object }>()
    deepEqual(Object.keys(widened.after), ['rules'])
    const removal = await ann.send('DELETE', '/v1/issuers/github')
    equal(removal.status, 202)
    equal((await approve(ben, removal.json<{ id: string }>().id)).status, 200)
    equal((await approve(ben, widened.id)).json()['code'], 'change_outdated')
    const types = (await service.admin.get('/v1/audit/entries?type=issuer.changed')).json<{
      items: { actor: string; onBehalfOf: string }[]
    }>()
    const idOf = async (name: string) => (await service.admin.get(`/v1/principals/${name}`)).json()['id']
    deepEqual([types.items[0]?.actor, types.items[0]?.onBehalfOf], [await idOf('ben'), await idOf('ann')])
  })

  it('rejects, and the first one can withdraw', async () => {
    await using service = await startService()
    const [ann, ben] = [await hire(service.admin, 'ann'), await hire(service.admin, 'ben')]
    const [first, second] = [await proposed(ann, 'a@example.com'), await proposed(ann, 'b@example.com')]
    equal((await ben.post(`/v1/changes/${first}/reject`, { reason: 'Whose is it?' })).json()['state'], 'rejected')
    equal((await ann.post(`/v1/changes/${second}/reject`, { reason: 'A mistake.' })).json()['state'], 'withdrawn')
    const open = (await ann.get('/v1/changes?state=pending')).json<{ items: object[] }>()
    const all = (await ann.get('/v1/changes?kind=identity.link&proposedBy=ann')).json<{ items: { id: string }[] }>()
    deepEqual([open.items.length, all.items.map(({ id }) => id)], [0, [second, first]])
    equal((await approve(ben, first)).status, 409)
  })

  it('is one who logged in, as soon as two administrators did', async () => {
    await using service = await startService()
    await using provider = await new HostileProvider().start()
    await configure(service, 'okta', provider.issuer)
    const ben = await hire(service.admin, 'ben')
    const [ann, carl] = [await loggedIn(service, provider, 'ann'), await loggedIn(service, provider, 'carl')]
    await expectRefused(link(service.admin, 'a@example.com'), 'second_person_required')
    const id = await proposedBy(ann, service, 'a@example.com')
    for (const by of [ben, service.admin]) await expectRefused(approve(by, id), 'second_person_required')
    // A token that somebody hands out proves nobody, whoever does it and for whom.
    const handedOut = await ann.send('POST', `${service.url}/v1/tokens`, { principal: 'okta:carl@example.com', ...ADMIN })
    await expectRefused(approve(service.admin.as(((await handedOut.json()) as { token: string }).token), id), 'own_change')
    const own = await ann.send('POST', `${service.url}/v1/tokens`, { principal: 'okta:ann@example.com', ...ADMIN })
    await expectRefused(approve(service.admin.as(((await own.json()) as { token: string }).token), id), 'own_change')
    const again = await loggedIn(service, provider, 'ann')
    equal((await again.send('POST', `${service.url}/v1/changes/${id}/approve`, {})).status, 403, 'the same person in another browser')
    equal((await carl.send('POST', `${service.url}/v1/changes/${id}/approve`, {})).status, 200)
    deepEqual(await addresses(service), ['a@example.com'])
    const without = await ann.send('PUT', `${service.url}/v1/principals/okta:carl@example.com`, { kind: 'human', disabled: true })
    equal(without.status, 202, 'nobody gets rid of the other one alone')
  })

  it('is left out where the operator says so, which the log says too', async () => {
    await using service = await startService({ PORTCULLIS_SECOND_PERSON: 'off' })
    const [ann] = [await hire(service.admin, 'ann'), await hire(service.admin, 'ben')]
    equal((await link(ann, 'a@example.com')).status, 201)
    match((await service.admin.get('/v1/audit/entries?type=service.started')).text, /\\?"secondPerson\\?":\\?"off/)
  })

  it('is wanted for a loosened binding where that is set, and for nothing that tightens', async () => {
    await using service = await startService({ PORTCULLIS_SECOND_PERSON: 'all' })
    const [ann, ben] = [await hire(service.admin, 'ann'), await hire(service.admin, 'ben')]
    const put = (body: object): Promise<Reply> => ann.put('/v1/bindings/tests', { pack: 'tests', stage: ['production'], ...body })
    const modeNow = async (): Promise<unknown> => (await ann.get('/v1/bindings/tests')).json()['mode']
    equal((await ann.put('/v1/bindings/new', { pack: 'tests' })).status, 201)

    const lowered = await put({ mode: 'shadow' })
    deepEqual([lowered.status, await modeNow()], [202, 'enforce'], lowered.text)
    const { id, after } = lowered.json<{ id: string; after: { mode?: string } }>()
    equal(after.mode, 'shadow')
    await expectRefused(approve(ann, id), 'own_change')
    equal((await approve(ben, id)).status, 200)
    equal(await modeNow(), 'shadow')

    equal((await put({ mode: 'enforce' })).status, 200)
    const removal = await ann.send('DELETE', '/v1/bindings/new')
    deepEqual([removal.status, removal.json()['kind']], [202, 'binding.delete'])
    equal((await ann.get('/v1/bindings/new')).status, 200)
    equal((await approve(ben, removal.json<{ id: string }>().id)).status, 200)
    equal((await ann.get('/v1/bindings/new')).status, 404)
  })

  it('is not wanted for bindings unless that is set', async () => {
    await using service = await startService()
    const ann = await hire(service.admin, 'ann')
    await hire(service.admin, 'ben')
    equal((await ann.send('DELETE', '/v1/bindings/tests')).status, 204)
  })
})
