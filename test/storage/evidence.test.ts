import assert from 'node:assert/strict'
import { it } from 'node:test'

import { canonicalJson } from '../../src/core/canonical-json.ts'
import { sha256Digest } from '../../src/core/digest.ts'
import type { Link } from '../../src/evidence/evidence.ts'
import { firstSeenKey } from '../../src/evidence/first-seen.ts'
import type { EvidenceFilter } from '../../src/evidence/ports.ts'
import { forEachEngine } from '../support/storage.ts'
import { AT, finding, randomDigest, submission } from './samples.ts'

const SHOP = 'code.example/acme/shop'
const TILL = 'code.example/acme/till'

await forEachEngine('Recording evidence', ({ open }) => {
  it('gives back what was submitted', async () => {
    await using storage = await open()
    const document = {
      findings: [finding(), finding({ id: 'CVE-2', severity: 'low' })],
      coverage: null,
      tests: null,
      measures: null,
      document: null,
      manifests: null,
      vex: null,
      authorship: null,
    }
    const given = submission({ document }, { alias: 'registry.example/shop' })
    assert.deepEqual(await storage.evidence.record(given), { evidence: given.evidence, created: true, repeated: false })
    assert.deepEqual(await storage.evidence.find(given.evidence.id), given.evidence)
    assert.deepEqual(await storage.evidence.document(given.evidence.id), document)
    assert.deepEqual(await storage.evidence.observations(given.evidence.id), [given.observation])
    assert.equal(await storage.evidence.document('none'), undefined)
  })

  it('stores the same bytes about the same subject once, and every submission of them', async () => {
    await using storage = await open()
    const first = submission({ document: { findings: [finding()] } })
    const again = submission({
      evidence: { ...first.evidence, id: '01900000-0000-7000-8000-000000000000', receivedAt: '2026-03-02T00:00:00.000Z' },
      observation: { at: '2026-03-02T00:00:00.000Z' },
      document: { findings: [finding()] },
    })
    await storage.evidence.record(first)
    assert.deepEqual(await storage.evidence.record(again), { evidence: first.evidence, created: false, repeated: false })
    const observations = await storage.evidence.observations(first.evidence.id)
    assert.deepEqual(observations, [first.observation, { ...again.observation, evidenceId: first.evidence.id }])
  })

  it('makes another evidence of another subject, format or name', async () => {
    await using storage = await open()
    const { evidence } = submission()
    const others = [{}, { subject: randomDigest() }, { format: 'grype' }, { name: 'shard-1' }]
    for (const [n, other] of others.entries()) {
      const outcome = await storage.evidence.record(submission({ evidence: { ...evidence, id: `id-${n}`, ...other } }))
      assert.equal(outcome.created, true)
    }
    assert.equal((await storage.evidence.list({}, { limit: 10 })).items.length, 4)
  })

  it('logs each submission with the digest of the record that it can be recomputed from', async () => {
    await using storage = await open()
    const first = submission()
    const again = submission({ evidence: { ...first.evidence, id: 'another' } })
    await storage.evidence.record(first)
    await storage.evidence.record(again)
    const bodies = await Promise.all([1, 2].map(async (index) => (JSON.parse((await storage.log.entry(index))?.leaf ?? '') as Leaf).body))
    const digestOf = (observation: object): string =>
      sha256Digest(canonicalJson({ evidence: sha256Digest(canonicalJson(first.evidence)), observation }))
    assert.deepEqual(bodies, [
      { digest: digestOf(first.observation), evidence: first.evidence.id },
      { digest: digestOf({ ...again.observation, evidenceId: first.evidence.id }), evidence: first.evidence.id },
    ])
  })

  it('refuses an entry that speaks for another record', async () => {
    await using storage = await open()
    const given = submission()
    const entry = { ...given.entry, body: { digest: randomDigest() } }
    await assert.rejects(storage.evidence.record({ ...given, entry }), { code: 'record_digest_differs' })
    assert.equal(await storage.evidence.find(given.evidence.id), undefined)
    assert.equal((await storage.log.head()).size, 1)
  })

  it('answers a repeated idempotency key with the first evidence', async () => {
    await using storage = await open()
    const idempotency = {
      principalId: 'p',
      method: 'POST',
      path: '/v1/evidence',
      key: 'k',
      fingerprint: 'f',
      expiresAt: Date.parse(AT) + 1,
    }
    const given = submission({}, { idempotency })
    await storage.evidence.record(given)
    const repeat = await storage.evidence.record(submission({}, { idempotency }))
    assert.deepEqual(repeat, { evidence: given.evidence, created: false, repeated: true })
    assert.equal((await storage.evidence.observations(given.evidence.id)).length, 1)
  })

  it('keeps a report of 5,000 findings whole, while other writes go on', async () => {
    await using storage = await open()
    const findings = Array.from({ length: 5000 }, (_, n) =>
      finding({ id: `CVE-${n}`, severity: n % 2 ? 'high' : 'low', purl: null, package: `p${n}` }),
    )
    const given = submission({ document: { findings } })
    const recording = storage.evidence.record(given)
    await storage.evidence.record(submission())
    await recording
    assert.deepEqual((await storage.evidence.document(given.evidence.id))?.findings, findings)
    const page = await storage.evidence.findings(given.evidence.id, { severity: 'high' }, { limit: 3, after: '1996' })
    assert.deepEqual(
      page.items.map(({ index, id }) => [index, id]),
      [1997, 1999, 2001].map((n) => [n, `CVE-${n}`]),
    )
    const repeat = await storage.evidence.record(submission({ evidence: { ...given.evidence, id: 'again' }, document: { findings } }))
    assert.equal(repeat.created, false)
    assert.deepEqual((await storage.evidence.document(given.evidence.id))?.findings.length, 5000)
  })

  it('survives texts of any length and with control characters', async () => {
    await using storage = await open()
    const findings = [finding({ id: `a\0${'x'.repeat(10_000)}`, purl: null, package: '\0', title: '\0' })]
    const given = submission({ evidence: { name: 'a\0b' }, document: { findings } })
    await storage.evidence.record(given)
    const { items } = await storage.evidence.findings(given.evidence.id, {}, { limit: 5 })
    assert.deepEqual(items, [{ ...findings[0], index: 0, firstSeenAt: AT }])
    assert.equal((await storage.evidence.find(given.evidence.id))?.name, 'a\0b')
  })
})

await forEachEngine('Recording a delivery', ({ open }) => {
  const claim = (key: string, fingerprint = 'f') => ({
    ...{ principalId: 'p', method: 'POST', path: '/v1/evidence', key, fingerprint },
    expiresAt: Date.parse(AT) + 1,
  })

  it('writes all of it, with an entry of the log for each report', async () => {
    await using storage = await open()
    const known = submission()
    await storage.evidence.record(known)
    const repeat = submission({ evidence: { ...known.evidence, id: 'another' } })
    const fresh = submission({ document: { findings: [finding()] } })
    assert.deepEqual(await storage.evidence.recordAll([repeat, fresh], undefined), {
      items: [
        { evidence: known.evidence, created: false },
        { evidence: fresh.evidence, created: true },
      ],
      repeated: false,
    })
    assert.equal((await storage.evidence.observations(known.evidence.id)).length, 2)
    assert.equal((await storage.evidence.findings(fresh.evidence.id, {}, { limit: 5 })).items.length, 1)
    assert.equal((await storage.log.head()).size, 4)
    assert.deepEqual(await storage.evidence.recordAll([], undefined), { items: [], repeated: false })
  })

  it('writes the same report twice as one evidence with two observations', async () => {
    await using storage = await open()
    const first = submission()
    const again = submission({ evidence: { ...first.evidence, id: 'another' } })
    const outcome = await storage.evidence.recordAll([first, again], undefined)
    assert.deepEqual(outcome.items, [
      { evidence: first.evidence, created: true },
      { evidence: first.evidence, created: false },
    ])
    assert.equal((await storage.evidence.observations(first.evidence.id)).length, 2)
  })

  it('writes nothing if one report of it is refused', async () => {
    await using storage = await open()
    const good = submission()
    const bad = submission()
    const entry = { ...bad.entry, body: { digest: randomDigest() } }
    await assert.rejects(storage.evidence.recordAll([good, { ...bad, entry }], claim('k')), { code: 'record_digest_differs' })
    assert.equal(await storage.evidence.find(good.evidence.id), undefined)
    assert.deepEqual((await storage.evidence.list({}, { limit: 5 })).items, [])
    assert.equal((await storage.log.head()).size, 1)
    assert.equal((await storage.evidence.recordAll([good], claim('k'))).items[0]?.created, true)
  })

  it('answers a repeated idempotency key with the evidence of the first', async () => {
    await using storage = await open()
    const findings = Array.from({ length: 3000 }, (_, n) => finding({ id: `CVE-${n}` }))
    const delivery = () => [submission({ document: { findings } }), submission()]
    const first = delivery()
    await storage.evidence.recordAll(first, claim('k'))
    assert.deepEqual(await storage.evidence.recordAll(delivery(), claim('k')), {
      items: first.map(({ evidence }) => ({ evidence, created: false })),
      repeated: true,
    })
    await assert.rejects(storage.evidence.recordAll(delivery(), claim('k', 'other')), { code: 'idempotency_key_reused' })
    assert.equal((await storage.evidence.list({}, { limit: 5 })).items.length, 2)
    assert.equal((await storage.log.head()).size, 3)
  })
})

interface Leaf {
  body: Record<string, unknown>
}

await forEachEngine('Reading evidence', ({ open }) => {
  it('lists newest first, filtered and in pages', async () => {
    await using storage = await open()
    const made = [
      submission({ evidence: { format: 'trivy', submittedBy: 'a' } }),
      submission({ evidence: { format: 'lcov', kind: 'coverage', name: 'unit', receivedAt: '2026-03-02T00:00:00.000Z' } }),
      submission({ evidence: { format: 'trivy', completeness: 'failed', receivedAt: '2026-03-03T00:00:00.000Z' } }),
    ]
    for (const one of made) await storage.evidence.record(one)
    const listed = async (filter: EvidenceFilter, limit = 10) => {
      const { items } = await storage.evidence.list(filter, { limit })
      return items.map(({ id }) => made.findIndex(({ evidence }) => evidence.id === id))
    }
    assert.deepEqual(await listed({}), [2, 1, 0])
    assert.deepEqual(await listed({ format: 'trivy' }), [2, 0])
    assert.deepEqual(await listed({ kind: 'coverage' }), [1])
    assert.deepEqual(await listed({ name: 'unit' }), [1])
    assert.deepEqual(await listed({ completeness: 'failed' }), [2])
    assert.deepEqual(await listed({ submittedBy: 'a' }), [0])
    assert.deepEqual(await listed({ from: '2026-03-02T01:00:00+01:00' }), [2, 1])
    assert.deepEqual(await listed({ to: '2026-03-02T00:00:00Z' }), [0])
    assert.deepEqual(await listed({ subject: made[1]?.evidence.subject ?? '' }), [1])
    const first = await storage.evidence.list({}, { limit: 2 })
    const second = await storage.evidence.list({}, { limit: 2, after: first.next ?? '' })
    assert.deepEqual(
      [...first.items, ...second.items].map(({ id }) => id),
      made.map(({ evidence }) => evidence.id).toReversed(),
    )
    assert.equal(second.next, null)
  })

  it('hides from a confined reader what belongs to other repositories only', async () => {
    await using storage = await open()
    const everywhere = submission()
    const shop = submission({ observation: { repositories: [SHOP] } })
    const team = submission({ observation: { repositories: ['code.example/acme/*'] } })
    const other = submission({ observation: { repositories: ['code.example/other/**'] } })
    for (const one of [everywhere, shop, team, other]) await storage.evidence.record(one)
    const visible = async (visibleTo: string[]) => (await storage.evidence.list({ visibleTo }, { limit: 10 })).items.map(({ id }) => id)
    const ids = (...made: { evidence: { id: string } }[]) => made.map(({ evidence }) => evidence.id)
    assert.deepEqual(await visible([SHOP]), ids(team, shop, everywhere))
    assert.deepEqual(await visible([TILL]), ids(team, everywhere))
    assert.deepEqual(await visible(['code.example/**']), ids(other, team, shop, everywhere))
    assert.deepEqual(await visible([]), ids(everywhere))
    assert.equal(await storage.evidence.find(other.evidence.id, [SHOP]), undefined)
    assert.equal((await storage.evidence.find(shop.evidence.id, [SHOP]))?.id, shop.evidence.id)
  })

  it('tells when each repository first saw a finding', async () => {
    await using storage = await open()
    const document = { findings: [finding()] }
    const times = ['2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z', '2026-01-03T00:00:00.000Z']
    const repositories = [SHOP, TILL, null]
    for (const [n, at] of times.entries()) {
      await storage.evidence.record(
        submission({ evidence: { receivedAt: at }, observation: { repository: repositories[n] ?? null }, document }),
      )
    }
    const late = submission({
      observation: { repository: SHOP },
      document: { findings: [finding({ purl: 'pkg:deb/debian/openssl@3.9' })] },
    })
    await storage.evidence.record(late)
    const key = firstSeenKey(finding())
    const seen = async (...names: string[]) => (await storage.facts.firstSeen(names, [key, 'never seen'])).get(key)
    assert.equal(await seen(SHOP), Date.parse(times[0] ?? ''))
    assert.equal(await seen(TILL), Date.parse(times[1] ?? ''))
    assert.equal(await seen(''), Date.parse(times[2] ?? ''))
    assert.equal(await seen(TILL, ''), Date.parse(times[1] ?? ''))
    assert.equal(await seen('code.example/acme/none'), undefined)
    const { items } = await storage.evidence.findings(late.evidence.id, {}, { limit: 1 })
    assert.equal(items[0]?.firstSeenAt, times[0])
    const asked = await storage.evidence.findings(late.evidence.id, { repositories: [TILL] }, { limit: 1 })
    assert.equal(asked.items[0]?.firstSeenAt, times[1])
  })

  it('notes the first sight for a second repository that submits the same bytes', async () => {
    await using storage = await open()
    const document = { findings: [finding()] }
    const first = submission({ observation: { repository: SHOP }, document })
    const at = '2026-04-01T00:00:00.000Z'
    await storage.evidence.record(first)
    await storage.evidence.record(submission({ evidence: { ...first.evidence, id: 'x' }, observation: { repository: TILL, at }, document }))
    assert.equal((await storage.facts.firstSeen([TILL], [firstSeenKey(finding())])).get(firstSeenKey(finding())), Date.parse(at))
  })
})

await forEachEngine('Facts about a subject', ({ open }) => {
  const link = (from: string, to: string, kind: Link['kind']): Link => ({
    ...{
      from,
      to,
      kind,
      proof: kind === 'platform' ? 'index' : 'declared',
      platform: null,
      declaredBy: 'shop-ci',
      declarerGroups: [],
      repositories: null,
      at: AT,
    },
  })

  it('reach its sources, its index with the sources of that, and its platforms', async () => {
    await using storage = await open()
    const [index, platform, sibling, source, indexSource] = Array.from({ length: 5 }, randomDigest) as [
      string,
      string,
      string,
      string,
      string,
    ]
    const links = [
      link(index, platform, 'platform'),
      link(index, sibling, 'platform'),
      link(platform, source, 'source'),
      link(index, indexSource, 'source'),
    ]
    for (const subject of [index, platform, sibling, source, indexSource])
      await storage.evidence.record(submission({ evidence: { subject } }))
    await storage.evidence.record(submission({ evidence: { subject: index } }, { links }))
    const reached = async (subject: string) => {
      const facts = await storage.facts.about(subject)
      return { links: facts.links, subjects: [...new Set(facts.observed.map(({ evidence }) => evidence.subject))].sort() }
    }
    const [toPlatform, toSibling, toSource, toIndexSource] = links
    const ofPlatform = await reached(platform)
    assert.deepEqual(ofPlatform.subjects, [platform, source, index, indexSource].sort())
    assert.deepEqual(new Set(ofPlatform.links), new Set([toSource, toPlatform, toIndexSource]))
    const ofIndex = await reached(index)
    assert.deepEqual(ofIndex.subjects, [index, platform, sibling, indexSource].sort())
    assert.deepEqual(new Set(ofIndex.links), new Set([toPlatform, toSibling, toIndexSource]))
    assert.deepEqual((await reached(source)).subjects, [source])
    assert.deepEqual(await storage.facts.about(randomDigest()), { links: [], observed: [] })
  })

  it('hold every observation with its evidence, and the revision tells of new ones', async () => {
    await using storage = await open()
    const given = submission()
    const revision = await storage.facts.evidenceRevision()
    await storage.evidence.record(given)
    const { observed } = await storage.facts.about(given.evidence.subject)
    assert.deepEqual(observed, [{ evidence: given.evidence, observation: given.observation }])
    const raised = await storage.facts.evidenceRevision()
    assert.ok(raised > revision)
    assert.equal(await storage.facts.evidenceRevision(), raised)
  })

  it('find the coverage of the same repository and name before, about another subject', async () => {
    await using storage = await open()
    const coverage = { lines: { covered: 8, total: 10 }, branches: null, functions: null }
    const report = (at: string, over: object = {}, repository = SHOP) =>
      submission({
        evidence: { kind: 'coverage', summary: { scanned: ['coverage'] }, receivedAt: at, ...over },
        observation: { repository },
        document: { coverage },
      })
    const old = report('2026-01-01T00:00:00.000Z')
    const newer = report('2026-01-02T00:00:00.000Z')
    const failed = report('2026-01-03T00:00:00.000Z', { completeness: 'failed' })
    const named = report('2026-01-04T00:00:00.000Z', { name: 'unit' })
    const elsewhere = report('2026-01-05T00:00:00.000Z', {}, TILL)
    for (const one of [old, newer, failed, named, elsewhere]) await storage.evidence.record(one)
    const previous = async (name: string | null, before: string, notSubjects: string[] = []) =>
      (await storage.facts.previousCoverage(SHOP, name, Date.parse(before), notSubjects))?.evidence.id
    assert.equal(await previous(null, '2026-02-01T00:00:00.000Z'), newer.evidence.id)
    assert.equal(await previous(null, '2026-01-02T00:00:00.000Z'), old.evidence.id)
    assert.equal(await previous(null, '2026-02-01T00:00:00.000Z', [newer.evidence.subject]), old.evidence.id)
    assert.equal(await previous('unit', '2026-02-01T00:00:00.000Z'), named.evidence.id)
    assert.equal(await previous('none', '2026-02-01T00:00:00.000Z'), undefined)
    const found = await storage.facts.previousCoverage(SHOP, null, Date.parse(AT), [])
    assert.deepEqual(found?.document.coverage, coverage)
  })
})
