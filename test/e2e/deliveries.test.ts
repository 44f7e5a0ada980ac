import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'

import { generateLogKey, randomOrigin } from '../../src/audit/log-key.ts'
import { denyingRules, type Client, type Reply } from '../support/client.ts'
import { freshDigest, junit, lcov, trivy } from '../support/reports.ts'
import { startService, type RunningService } from '../support/service.ts'
import { forEachEngine } from '../support/storage.ts'
import { tar } from '../support/tar.ts'

interface Delivered {
  items: { id: string; format: string; name: string; subjectMatch: string }[]
}

await forEachEngine('Several reports in one tar archive', (engine) => {
  let service: RunningService
  let admin: Client

  before(async () => {
    const { databaseUrl } = await engine.place()
    service = await startService(
      databaseUrl === undefined ? {} : { PORTCULLIS_DATABASE_URL: databaseUrl, PORTCULLIS_LOG_KEY: generateLogKey(randomOrigin()) },
    )
    admin = service.admin
  })
  after(() => service[Symbol.asyncDispose]())

  function deliver(subject: string, archive: Uint8Array, query = '', headers: Record<string, string> = {}): Promise<Reply> {
    return admin.send('POST', `/v1/evidence?subject=${subject}&format=tar${query}`, archive, headers)
  }

  async function evidenceOf(subject: string): Promise<Delivered['items']> {
    return (await admin.get(`/v1/evidence?subject=${subject}`)).json<Delivered>().items
  }

  it('counts as if each had been posted by itself', async () => {
    const subject = freshDigest()
    const archive = tar(['./trivy.json', trivy({ severities: ['CRITICAL'], digest: subject })], ['cover/lcov.info', lcov(90)])
    const reply = await deliver(subject, archive, '&run=4711')
    assert.equal(reply.status, 201, reply.text)
    const { items } = reply.json<Delivered>()
    assert.deepEqual(
      items.map(({ format, name, subjectMatch }) => [format, name, subjectMatch]),
      [
        ['trivy', 'trivy', 'match'],
        ['lcov', 'cover/lcov', 'unstated'],
      ],
    )
    assert.equal((await admin.get(String(reply.headers.get('location')))).status, 200)
    assert.deepEqual(denyingRules(await admin.decide({ subject, stage: 'production' })), ['vulnerabilities.max_severity'])
  })

  it('may be compressed, and has one name for all if one is stated', async () => {
    for (const [encoding, compress] of [
      ['gzip', gzipSync],
      ['zstd', zstdCompressSync],
    ] as const) {
      const subject = freshDigest()
      const archive = compress(tar(['a.json', trivy()], ['b.xml', junit({ passed: 1 })]))
      const reply = await deliver(subject, archive, '&name=linux', { 'content-encoding': encoding })
      assert.equal(reply.status, 201, reply.text)
      assert.deepEqual(
        reply.json<Delivered>().items.map(({ name }) => name),
        ['linux', 'linux'],
      )
    }
  })

  it('is kept all or none: a report that can not be read refuses it, and is named', async () => {
    const subject = freshDigest()
    for (const [code, field, archive] of [
      ['report_malformed', 'reports/trivy.json', tar(['unit.xml', junit({ passed: 1 })], ['reports/trivy.json', trivy().slice(0, -1)])],
      ['report_format_ambiguous', 'b.json', tar(['unit.xml', junit({ passed: 1 })], ['b.json', '[]'])],
      ['report_empty', 'b.json', tar(['unit.xml', junit({ passed: 1 })], ['b.json', ''])],
      ['report_from_future', 'b.json', tar(['unit.xml', junit({ passed: 1 })], ['b.json', trivy({ createdAt: '2099-01-01T00:00:00Z' })])],
      ['index_digest_mismatch', 'i.json', tar(['unit.xml', junit({ passed: 1 })], ['i.json', INDEX])],
      ['delivery_entry_refused', 'b', tar(['unit.xml', junit({ passed: 1 })], { path: 'b', type: '2' })],
      ['delivery_malformed', 'body', tar(['unit.xml', junit({ passed: 1 })]).subarray(0, 700)],
    ] as const) {
      const reply = await deliver(subject, archive)
      const problem = reply.json()
      assert.deepEqual([reply.status, problem['code'], problem['field']], [422, code, field], reply.text)
    }
    assert.deepEqual(await evidenceOf(subject), [])
  })

  it('answers 200 if all of it existed, and 201 if a part of it is new', async () => {
    const subject = freshDigest()
    const first = ['a.json', trivy()] as const
    const { items } = (await deliver(subject, tar(first))).json<Delivered>()
    const again = await deliver(subject, tar(first))
    assert.deepEqual([again.status, again.json<Delivered>().items], [200, items])
    assert.equal((await deliver(subject, tar(first, ['b.xml', junit({ passed: 1 })]))).status, 201)
    assert.equal((await evidenceOf(subject)).length, 2)
  })

  it('is repeated with its Idempotency-Key without another observation, and refused with another body', async () => {
    const subject = freshDigest()
    const archive = tar(['a.json', trivy()], ['b.xml', junit({ passed: 1 })])
    const key = { 'idempotency-key': `delivery-${subject}` }
    const first = await deliver(subject, archive, '', key)
    const size = async () => (await admin.get('/v1/audit/entries?type=evidence.received&limit=200')).json<Delivered>().items.length
    const sizeBefore = await size()
    const again = await deliver(subject, archive, '', key)
    assert.deepEqual([first.status, again.status, again.json()], [201, 200, first.json()])
    assert.equal(again.headers.get('idempotent-replayed'), 'true')
    assert.equal(await size(), sizeBefore)
    assert.equal((await deliver(subject, tar(['a.json', trivy()]), '', key)).json()['code'], 'idempotency_key_reused')
  })

  it('is not taken for one report, and tells how to say what it is', async () => {
    const reply = await admin.send('POST', `/v1/evidence?subject=${freshDigest()}`, tar(['a.json', trivy()]))
    assert.equal(reply.status, 422)
    assert.match(String(reply.json()['remedy']), /format=tar/)
  })

  it('declares its source once, and counts for it', async () => {
    const subject = freshDigest()
    const source = `git+https://code.example/acme/gate@${'a1'.repeat(20)}`
    const archive = tar(['a.json', trivy()], ['b.xml', junit({ passed: 1 })])
    const reply = await deliver(subject, archive, `&source=${encodeURIComponent(source)}`)
    assert.equal(reply.status, 201, reply.text)
    const { sources } = await admin.decide({ subject, stage: 'build' })
    assert.deepEqual(
      sources.map(({ id }) => id),
      [source],
    )
  })
})

const INDEX = JSON.stringify({
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.index.v1+json',
  manifests: [{ mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: freshDigest(), size: 7 }],
})
