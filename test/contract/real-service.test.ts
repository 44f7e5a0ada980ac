import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'

import { sha256Digest } from '../../src/core/digest.ts'
import type { OperationId } from '../../src/http/contract/document.ts'
import type { Reply } from '../support/client.ts'
import { startService, type RunningService } from '../support/service.ts'
import { tar } from '../support/tar.ts'
import { ResponseChecker } from './support/responses.ts'
import { DIGEST } from './support/stub-dependencies.ts'

const checker = new ResponseChecker()
let service: RunningService
before(async () => {
  service = await startService()
})
after(() => service[Symbol.asyncDispose]())

/** Sends what the operation needs, and holds the reply against the contract. */
async function ask(id: OperationId, status: number, reply: Promise<Reply>): Promise<Reply> {
  const answer = await reply
  equal(answer.status, status, `${id}: ${answer.text}`)
  checker.check(id, answer)
  return answer
}

const REPORT = JSON.stringify({
  SchemaVersion: 2,
  ArtifactName: 'cart',
  CreatedAt: '2026-01-01T00:00:00Z',
  Results: [
    {
      Target: 'cart (debian 12)',
      Class: 'os-pkgs',
      Type: 'debian',
      Vulnerabilities: [
        { VulnerabilityID: 'CVE-2026-0001', PkgName: 'openssl', InstalledVersion: '3.0.11', FixedVersion: '3.0.14', Severity: 'CRITICAL' },
      ],
    },
  ],
})

describe('The whole service answers as the contract says', () => {
  const evidencePath = `/v1/evidence?subject=${DIGEST}`

  it('to reports and questions about them', async () => {
    const { admin } = service
    const { id } = (await ask('submitEvidence', 201, admin.send('POST', evidencePath, REPORT))).json<{ id: string }>()
    const again = await ask('submitEvidence', 200, admin.send('POST', evidencePath, REPORT))
    equal(again.json()['id'], id)
    await ask('submitEvidence', 422, admin.send('POST', evidencePath, 'no report at all'))
    await ask('submitEvidence', 422, admin.send('POST', '/v1/evidence?subject=nginx:latest', REPORT))
    await ask('listEvidence', 200, admin.get(`/v1/evidence?subject=${DIGEST}&kind=vulnerabilities`))
    await ask('getEvidence', 200, admin.get(`/v1/evidence/${id}`))
    equal((await ask('getEvidenceRaw', 200, admin.get(`/v1/evidence/${id}/raw`))).text, REPORT)
    const findings = await ask('listFindings', 200, admin.get(`/v1/evidence/${id}/findings?severity=critical`))
    equal(findings.json<{ items: unknown[] }>().items.length, 1)
  })

  it('to a document that claims nothing, which needs a name', async () => {
    const { admin } = service
    const path = `${evidencePath}&format=json`
    const unnamed = await ask('submitEvidence', 422, admin.send('POST', path, '{"approved":true}'))
    equal(unnamed.json()['code'], 'name_missing')
    const kept = (await ask('submitEvidence', 201, admin.send('POST', `${path}&name=risk-review`, '{"approved":true}'))).json()
    deepEqual([kept['kind'], kept['summary']], ['json', { scanned: [] }])
    await ask('listEvidence', 200, admin.get(`/v1/evidence?subject=${DIGEST}&kind=json`))
  })

  it('to findings of any tool, by the schema that it publishes', async () => {
    const { admin } = service
    const schema = (await ask('getFormatSchema', 200, admin.get('/v1/schemas/findings'))).json<{
      properties: { schema: { const: string } }
    }>()
    const document = {
      schema: schema.properties.schema.const,
      tool: { name: 'linter' },
      scanned: ['sast'],
      findings: [{ id: 'R1', severity: 'low' }],
    }
    const kept = (await ask('submitEvidence', 201, admin.send('POST', evidencePath, JSON.stringify(document)))).json<{
      format: string
      kind: string
    }>()
    deepEqual([kept.format, kept.kind], ['findings', 'sast'])
    await ask('submitEvidence', 422, admin.send('POST', evidencePath, JSON.stringify({ ...document, surprise: 1 })))
  })

  it('to an archive of reports', async () => {
    const { admin } = service
    const archive = tar(['reports/trivy.json', REPORT], ['unit.xml', '<testsuite><testcase name="opens"/></testsuite>'])
    const path = `${evidencePath}&format=tar`
    const reply = await ask('submitEvidence', 201, admin.send('POST', path, archive))
    deepEqual(
      reply.json<{ items: { format: string; name: string }[] }>().items.map(({ format, name }) => [format, name]),
      [
        ['trivy', 'reports/trivy'],
        ['junit', 'unit'],
      ],
    )
    deepEqual((await ask('submitEvidence', 200, admin.send('POST', path, archive))).json(), reply.json())
    const broken = await ask('submitEvidence', 422, admin.send('POST', path, tar(['a.json', REPORT], ['b.json', REPORT.slice(0, -1)])))
    deepEqual([broken.json()['code'], broken.json()['field']], ['report_malformed', 'b.json'])
  })

  it('to many small reports at a time, plain, gzip and zstd', async () => {
    const encode = { identity: (text: string) => Buffer.from(text), gzip: gzipSync, zstd: zstdCompressSync }
    const submit = async (at: number, encoding: keyof typeof encode): Promise<void> => {
      const report = `${REPORT}${' '.repeat(at + 1)}`
      const sent = service.admin.send('POST', `${evidencePath}&name=many-${at}`, encode[encoding](report), { 'content-encoding': encoding })
      equal((await ask('submitEvidence', 201, sent)).json()['digest'], sha256Digest(report))
    }
    await Promise.all(
      Array.from({ length: 20 }, (_, at) => [submit(at, 'identity'), submit(at + 20, 'gzip'), submit(at + 40, 'zstd')]).flat(),
    )
  })

  it('to small reports that come in pieces, at a time', async () => {
    const submit = async (at: number): Promise<void> => {
      const body = ReadableStream.from([REPORT.slice(0, 20), REPORT.slice(20), ' '.repeat(at + 100)].map((piece) => Buffer.from(piece)))
      const headers = { authorization: `Bearer ${service.adminToken}` }
      const reply = await fetch(`${service.url}${evidencePath}&name=pieces-${at}`, { method: 'POST', headers, body, duplex: 'half' })
      equal(reply.status, 201)
    }
    await Promise.all(Array.from({ length: 20 }, (_, at) => submit(at)))
  })

  it('to a question that it denies, in every form', async () => {
    const { admin } = service
    const asked = { subject: DIGEST, stage: 'production', context: { repository: 'github.com/acme/cart', labels: { tier: '1' } } }
    const { id } = (await ask('createDecision', 200, admin.post('/v1/decisions', asked))).json<{ id: string }>()
    await ask('createDecision', 422, admin.post('/v1/decisions?denyStatus=422', asked))
    await ask('createDecision', 200, admin.post('/v1/decisions', { ...asked, dryRun: true, at: '2026-11-23T09:00:00+01:00' }))
    const early = await ask('createDecision', 422, admin.post('/v1/decisions', { ...asked, at: '2026-11-23T09:00:00Z' }))
    equal(early.json()['code'], 'at_needs_dry_run')
    for (const accept of ['text/plain', 'text/markdown', 'application/junit+xml']) {
      match((await ask('createDecision', 200, admin.post('/v1/decisions', asked, { accept }))).text, /openssl/)
      match((await ask('explainDecision', 200, admin.get(`/v1/decisions/${id}/explain`, { accept }))).text, /openssl/)
    }
    await ask('getDecision', 200, admin.get(`/v1/decisions/${id}`))
    await ask('getDecisionReceipt', 200, admin.get(`/v1/decisions/${id}/receipt`))
    const list = await ask('listDecisions', 200, admin.get('/v1/decisions?rule=vulnerabilities.max_severity&limit=1&verdict=deny'))
    const link = /<([^>]+)>/.exec(list.headers.get('link') ?? '')?.[1] ?? ''
    await ask('listDecisions', 200, admin.get(link))
  })

  it('to reports of deployments and questions about them', async () => {
    const { admin } = service
    const report = {
      subject: DIGEST,
      environment: 'qa',
      target: 'eu west',
      startedAt: new Date().toISOString(),
      context: { actor: 'alice' },
    }
    const key = { 'idempotency-key': 'deploy-1' }
    const created = await ask('createDeployment', 201, admin.post('/v1/deployments', report, key))
    const { id } = created.json<{ id: string }>()
    equal(created.headers.get('location'), `/v1/deployments/${id}`)
    equal((await ask('createDeployment', 200, admin.post('/v1/deployments', report, key))).json()['id'], id)
    await ask('createDeployment', 422, admin.post('/v1/deployments', { ...report, target: 'us' }, key))
    await ask('createDeployment', 422, admin.post('/v1/deployments', { ...report, subject: 'nginx:latest' }))
    const unknown = { ...report, decisionId: '019a7c1e-0000-7000-8000-000000000000' }
    equal((await ask('createDeployment', 422, admin.post('/v1/deployments', unknown))).json()['field'], 'body.decisionId')
    await ask('listDeployments', 200, admin.get('/v1/deployments?environment=qa&state=started&grounded=false&bypass=true&limit=1'))
    await ask('finishDeployment', 200, admin.post(`/v1/deployments/${id}/finish`, { outcome: 'succeeded' }))
    await ask('finishDeployment', 200, admin.post(`/v1/deployments/${id}/finish`, { outcome: 'succeeded', reason: 'again' }))
    const other = await ask('finishDeployment', 409, admin.post(`/v1/deployments/${id}/finish`, { outcome: 'failed' }))
    equal(other.json()['code'], 'deployment_finished')
    await ask('getDeployment', 200, admin.get(`/v1/deployments/${id}`))
    const current = await ask('listDeployments', 200, admin.get('/v1/deployments?current=true&target=eu%20west'))
    deepEqual(
      current.json<{ items: { id: string }[] }>().items.map((item) => item.id),
      [id],
    )
    await ask('listDeployments', 400, admin.get('/v1/deployments?current=false'))
  })

  it('to a repeat under the same Idempotency-Key, and to another request under it', async () => {
    const { admin } = service
    const key = { 'idempotency-key': 'run-1' }
    const asked = { subject: DIGEST, stage: 'staging' }
    const first = (await ask('createDecision', 200, admin.post('/v1/decisions', asked, key))).json()
    const second = (await ask('createDecision', 200, admin.post('/v1/decisions', asked, { 'idempotency-key': '"run-1"' }))).json()
    equal(second['id'], first['id'])
    equal(second['logIndex'], first['logIndex'])
    // The same answer twice says so the second time; a report that is only known is no repeat of a request.
    const token = { principal: 'admin', description: 'repeated', roles: ['pipeline'] }
    const started = { subject: DIGEST, environment: 'production', startedAt: new Date().toISOString() }
    const repeats: [OperationId, number, () => Promise<Reply>][] = [
      ['createDecision', 200, () => admin.post('/v1/decisions', asked, { 'idempotency-key': 'run-1' })],
      ['submitEvidence', 200, () => admin.send('POST', `${evidencePath}&name=r`, REPORT, { 'idempotency-key': 'e-2' })],
      ['createDeployment', 200, () => admin.post('/v1/deployments', started, { 'idempotency-key': 'p-1' })],
      ['createToken', 200, () => admin.post('/v1/tokens', token, { 'idempotency-key': 't-2' })],
    ]
    for (const [operation, status, send] of repeats) {
      await send()
      equal((await ask(operation, status, send())).headers.get('idempotent-replayed'), 'true', operation)
    }
    const known = await ask('submitEvidence', 200, admin.send('POST', `${evidencePath}&name=r`, REPORT, { 'idempotency-key': 'e-3' }))
    equal(known.headers.get('idempotent-replayed'), null)
    const denied = { ...asked, stage: 'production' }
    const stop = (): Promise<Reply> => admin.post('/v1/decisions?denyStatus=422', denied, { 'idempotency-key': 'run-2' })
    equal((await ask('createDecision', 422, stop())).headers.get('idempotent-replayed'), null)
    equal((await ask('createDecision', 422, stop())).headers.get('idempotent-replayed'), 'true')
    const other = await ask('createDecision', 422, admin.post('/v1/decisions', { ...asked, stage: 'test' }, key))
    equal(other.json()['code'], 'idempotency_key_reused')
    const evidence = await ask(
      'submitEvidence',
      422,
      admin
        .send('POST', `${evidencePath}&name=a`, REPORT, { 'idempotency-key': 'e-1' })
        .then(() => admin.send('POST', `${evidencePath}&name=b`, REPORT, { 'idempotency-key': 'e-1' })),
    )
    equal(evidence.json()['code'], 'idempotency_key_reused')
  })

  it('to bindings and policies', async () => {
    const { admin } = service
    await ask('listBindings', 200, admin.get('/v1/bindings?limit=2'))
    await ask('putBinding', 201, admin.put('/v1/bindings/extra', { pack: 'tests', stage: ['production'] }))
    await ask(
      'putBinding',
      200,
      admin.put('/v1/bindings/extra', { pack: 'tests', mode: 'warn', labels: { a: 'b' }, repository: ['acme/*'] }),
    )
    await ask('getBinding', 200, admin.get('/v1/bindings/extra'))
    const wrong = await ask('putBinding', 422, admin.put('/v1/bindings/extra', { pack: 'tests', parameters: { surprise: 1 } }))
    equal(wrong.json()['code'], 'parameters_invalid')
    const never = await ask('putBinding', 422, admin.put('/v1/bindings/extra', { pack: 'tests', stage: ['prod*'] }))
    deepEqual([never.json()['code'], never.json()['field']], ['selector_malformed', 'body.stage'])
    await ask('deleteBinding', 204, admin.send('DELETE', '/v1/bindings/extra'))
    await ask('deleteBinding', 404, admin.send('DELETE', '/v1/bindings/extra'))
    await ask('listPolicies', 200, admin.get('/v1/policies'))
    const policy = await ask('getPolicy', 200, admin.get('/v1/policies/coverage'))
    await ask('getPolicy', 404, admin.get('/v1/policies/nothing'))
    await ask('listPolicyVersions', 200, admin.get('/v1/policies/coverage/versions?limit=1'))
    const version = `/v1/policies/coverage/versions/${policy.json<{ latest: string }>().latest}`
    await ask('getPolicyVersion', 200, admin.get(version))
    await ask('getPolicyBundle', 404, admin.get(`${version}/bundle`))
    const again = await ask('activatePolicyVersion', 200, admin.post(`${version}/activate`, { reason: 'Once more.' }))
    equal(again.json()['moved'], false)
    const other = `/v1/policies/coverage/versions/sha256:${'0'.repeat(64)}`
    equal((await ask('activatePolicyVersion', 404, admin.send('POST', `${other}/activate`))).json()['code'], 'policy_not_found')
    equal((await ask('deletePolicy', 409, admin.send('DELETE', '/v1/policies/coverage'))).json()['code'], 'policy_shipped')
    await ask('deletePolicy', 404, admin.send('DELETE', '/v1/policies/nothing'))
  })

  it('to principals and tokens', async () => {
    const { admin } = service
    await ask('putPrincipal', 201, admin.put('/v1/principals/alice@example.com', { kind: 'human', groups: ['dev'] }))
    await ask('putPrincipal', 200, admin.put('/v1/principals/alice@example.com', { kind: 'human' }))
    await ask('getPrincipal', 200, admin.get('/v1/principals/alice%40example.com'))
    await ask('listPrincipals', 200, admin.get('/v1/principals'))
    const identities = '/v1/principals/alice@example.com/identities'
    await ask('linkIdentity', 201, admin.put(`${identities}/github.com/Alice`, undefined))
    await ask('linkIdentity', 200, admin.put(`${identities}/github.com/alice`, undefined))
    await ask('linkIdentity', 409, admin.put('/v1/principals/admin/identities/github.com/ALICE', undefined))
    equal((await ask('linkIdentity', 422, admin.put(`${identities}/github/alice`, undefined))).json()['code'], 'identity_malformed')
    equal((await ask('listIdentities', 200, admin.get(identities))).json<{ items: { value: string }[] }>().items[0]?.value, 'alice')
    await ask('unlinkIdentity', 204, admin.send('DELETE', `${identities}/github.com/Alice`))
    await ask('unlinkIdentity', 404, admin.send('DELETE', `${identities}/github.com/Alice`))
    const draft = { principal: 'alice@example.com', description: 'laptop', roles: ['approver'], confinement: { stages: ['test'] } }
    const key = { 'idempotency-key': 't-1' }
    const first = (await ask('createToken', 201, admin.post('/v1/tokens', draft, key))).json<{ id: string; token: string }>()
    const repeat = (await ask('createToken', 200, admin.post('/v1/tokens', draft, key))).json<{ id: string; token: string }>()
    deepEqual([repeat.id, repeat.token], [first.id, first.token])
    await ask('createToken', 422, admin.post('/v1/tokens', { ...draft, principal: 'nobody' }))
    const hostile = { repositories: [`acme/${'*a'.repeat(100)}`] }
    const refused = await ask('createToken', 422, admin.post('/v1/tokens', { ...draft, confinement: hostile }))
    deepEqual([refused.json()['code'], refused.json()['field']], ['token_invalid', 'body.confinement.repositories'])
    ok(!(await ask('listTokens', 200, admin.get('/v1/tokens?principal=alice@example.com'))).text.includes(first.token))
    await ask('getToken', 200, admin.get(`/v1/tokens/${first.id}`))
    const rotation = `/v1/tokens/${first.id}/rotate`
    const next = (await ask('rotateToken', 201, admin.post(rotation, { overlap: 'PT0S' }, key))).json<{ id: string; token: string }>()
    const again = (await ask('rotateToken', 200, admin.post(rotation, { overlap: 'PT0S' }, key))).json<{ id: string; token: string }>()
    deepEqual([again.id, again.token], [next.id, next.token])
    equal((await admin.as(first.token).get('/v1/decisions')).status, 401)
    equal((await admin.as(next.token).get('/v1/decisions')).status, 200)
    equal((await ask('rotateToken', 409, admin.send('POST', rotation))).json()['code'], 'token_superseded')
    await ask('rotateToken', 422, admin.post(`/v1/tokens/${next.id}/rotate`, { overlap: 'P8D' }))
    const alice = admin.as(next.token)
    equal((await ask('getOwnToken', 200, alice.get('/v1/tokens/self'))).json()['id'], next.id)
    await ask('listTokens', 200, alice.get('/v1/tokens?principal=self&state=active'))
    await ask('listTokens', 403, alice.get('/v1/tokens'))
    await ask('getToken', 200, alice.get(`/v1/tokens/${first.id}`))
    await ask('getToken', 403, alice.get(`/v1/tokens/019a7c1e-0000-7000-8000-000000000000`))
    await ask('rotateOwnToken', 201, alice.send('POST', '/v1/tokens/self/rotate'))
    await ask('revokeToken', 204, admin.send('DELETE', `/v1/tokens/${next.id}`))
    await ask('revokeToken', 204, admin.send('DELETE', `/v1/tokens/${next.id}`))
    equal((await admin.as(next.token).get('/v1/decisions')).status, 401)
  })

  it('to auditors', async () => {
    const { admin } = service
    const entries = await ask('listAuditEntries', 200, admin.get('/v1/audit/entries?limit=200'))
    const types = new Set(entries.json<{ items: { type: string }[] }>().items.map(({ type }) => type))
    for (const type of [
      'log.created',
      'service.started',
      'decision',
      'evidence.received',
      'deployment.started',
      'deployment.finished',
      'binding.changed',
      'binding.deleted',
      'token.issued',
    ])
      ok(types.has(type), type)
    await ask('listAuditEntries', 200, admin.get('/v1/audit/entries?type=decision&stage=production&limit=1'))
    await ask('getAuditReceipt', 200, admin.get('/v1/audit/entries/0/receipt'))
    await ask('getAuditReceipt', 404, admin.get('/v1/audit/entries/100000/receipt'))
    const signed = await ask('getAuditCheckpoint', 200, admin.get('/v1/audit/checkpoint'))
    match(signed.text, /^portcullis\/[^\n]+\n\d+\n/)
    await ask('getTlogCheckpoint', 200, admin.as(undefined).get('/tlog/checkpoint'))
  })

  it('to auditors who ask whose word a report is: the entry names the token and who issued it', async () => {
    const { admin } = service
    await admin.put('/v1/principals/scanner', { kind: 'workload' })
    const issued = await ask('createToken', 201, admin.post('/v1/tokens', { principal: 'scanner', description: 'x', roles: ['pipeline'] }))
    const { id, token, createdBy } = issued.json<{ id: string; token: string; createdBy: string }>()
    const { id: issuer } = (await ask('getPrincipal', 200, admin.get('/v1/principals/admin'))).json<{ id: string }>()
    equal(createdBy, issuer)
    await ask('submitEvidence', 201, admin.as(token).send('POST', `${evidencePath}&name=by-scanner`, REPORT))
    const received = await ask('listAuditEntries', 200, admin.get(`/v1/audit/entries?type=evidence.received&limit=200`))
    const bodies = received.json<{ items: { body: Record<string, unknown> }[] }>().items.map(({ body }) => body)
    deepEqual(
      bodies.filter((body) => body['credential'] === `token:${id}`).map((body) => body['issuerIds']),
      [[issuer, 'system']],
    )
    ok(
      bodies.some((body) => JSON.stringify(body['issuerIds']) === '["system"]'),
      'what the first token sent',
    )
  })

  it('lets a token that may only issue tokens act for nobody else', async () => {
    const { admin } = service
    await admin.put('/v1/principals/issuing', { kind: 'workload' })
    const request = { principal: 'issuing', description: 'x', scopes: ['tokens:manage', 'evidence:submit', 'principals:manage'] }
    const issuing = admin.as(await admin.issueToken(request))
    const draft = { description: 'x', scopes: ['evidence:submit'] }
    const refused = await ask('createToken', 403, issuing.post('/v1/tokens', { ...draft, principal: 'admin' }))
    deepEqual([refused.json()['code'], refused.json()['field']], ['principal_foreign', 'body.principal'])
    await ask('createToken', 201, issuing.post('/v1/tokens', { ...draft, principal: 'issuing' }))
    await ask('putPrincipal', 403, issuing.put('/v1/principals/admin', { kind: 'human' }))
    await ask('putPrincipal', 201, issuing.put('/v1/principals/made', { kind: 'workload' }))
    await ask('createToken', 201, issuing.post('/v1/tokens', { ...draft, principal: 'made' }))
  })

  it('to operators', async () => {
    const { admin } = service
    await ask('getHealth', 200, admin.get('/healthz'))
    await ask('getReadiness', 200, admin.get('/readyz'))
    const { text } = await ask('getMetrics', 200, admin.get('/metrics'))
    match(text, /portcullis_decisions_total\{verdict="deny",stage="production",dry_run="false"\} [1-9]/)
    match(text, /portcullis_policy_evaluation_duration_seconds_count [1-9]/)
    match(text, /portcullis_commit_duration_seconds_count [1-9]/)
  })

  it('to lists about a subject: one that is none is refused, and a name before the digest makes no difference', async () => {
    const { admin } = service
    const lists = [
      ['listDecisions', '/v1/decisions'],
      ['listEvidence', '/v1/evidence'],
      ['listAuditEntries', '/v1/audit/entries'],
    ] as const
    for (const [operation, path] of lists) {
      const count = async (subject: string): Promise<number> =>
        (await ask(operation, 200, admin.get(`${path}?subject=${encodeURIComponent(subject)}`))).json<{ items: unknown[] }>().items.length
      ok((await count(DIGEST)) > 0, path)
      equal(await count(`registry.example.com/cart@${DIGEST}`), await count(DIGEST), path)
      for (const [subject, code] of [
        ['latest', 'subject_is_tag'],
        ['sha256:4B', 'subject_malformed'],
        ['', 'subject_missing'],
      ] as const) {
        const reply = await ask(operation, 422, admin.get(`${path}?subject=${encodeURIComponent(subject)}`))
        deepEqual([reply.json()['code'], reply.json()['field']], [code, 'query.subject'])
      }
      const twice = await ask(operation, 400, admin.get(`${path}?limit=1&limit=1`))
      equal(twice.json()['field'], 'query.limit')
      equal((await ask(operation, 400, admin.get(`${path}?limit=1&%6cimit=2`))).json()['field'], 'query.limit')
    }
  })

  it('to cursors that no list gave', async () => {
    const { admin } = service
    const first = await admin.get('/v1/decisions?limit=1')
    const [hash] = JSON.parse(Buffer.from(first.json<{ next: string }>().next, 'base64url').toString()) as string[]
    for (const position of ['x', '-1', "' OR 1=1 --", '9'.repeat(400)]) {
      const cursor = Buffer.from(JSON.stringify([hash, position])).toString('base64url')
      const reply = await ask('listDecisions', 400, admin.get(`/v1/decisions?limit=1&cursor=${cursor}`))
      equal(reply.json()['code'], 'cursor_invalid')
    }
  })
})
