import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, it } from 'node:test'

import { generateLogKey, randomOrigin } from '../../src/audit/log-key.ts'
import { denyingRules, type Client } from '../support/client.ts'
import { replayEverything } from '../support/replays.ts'
import { freshDigest, junit, lcov, trivy } from '../support/reports.ts'
import { startService, type RunningService } from '../support/service.ts'
import { forEachEngine } from '../support/storage.ts'

const MINUTE = 60_000

/** An instant so many minutes ago, as a tool writes it. */
function ago(minutes: number): string {
  return new Date(Date.now() - minutes * MINUTE).toISOString()
}

await forEachEngine('Verdicts under the default bindings', (engine) => {
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

  async function rulesFor(subject: string, stage = 'production', more: Record<string, unknown> = {}): Promise<string[]> {
    return denyingRules(await admin.decide({ subject, stage, ...more }))
  }

  it('deny a subject of which nothing is known, naming what is missing', async () => {
    const decision = await admin.decide({ subject: freshDigest(), stage: 'production' })
    assert.deepEqual(denyingRules(decision), ['vulnerabilities.missing_evidence'])
    assert.deepEqual(decision.violations[0]?.missing, ['vulnerabilities'])
    assert.ok(decision.warnings.some(({ rule }) => rule === 'tests.missing_evidence'))
  })

  it('only warn of missing evidence before release stages', async () => {
    const decision = await admin.decide({ subject: freshDigest(), stage: 'build' })
    assert.deepEqual([decision.verdict, decision.warnings.map(({ rule }) => rule)], ['allow', ['vulnerabilities.missing_evidence']])
  })

  it('deny critical vulnerabilities, and high ones only where a fix exists', async () => {
    const [critical, fixable, unfixed] = [freshDigest(), freshDigest(), freshDigest()]
    const { digest } = await admin.submit(critical, trivy({ severities: ['CRITICAL', 'CRITICAL'], fixed: false }))
    await admin.submit(fixable, trivy({ severities: ['HIGH'] }))
    await admin.submit(unfixed, trivy({ severities: ['HIGH', 'LOW'], fixed: false }))
    const decision = await admin.decide({ subject: critical, stage: 'production' })
    assert.deepEqual(denyingRules(decision), ['vulnerabilities.max_severity'])
    assert.deepEqual(decision.violations[0]?.evidence, [digest])
    assert.equal(decision.violations[0]?.findings.length, 2)
    assert.deepEqual(decision.violations[0]?.controls, ['PCI-6.3.3'])
    const serving = (await admin.get(`/v1/decisions?control=PCI-6.3.3&subject=${critical}`)).json<{ items: { id: string }[] }>()
    assert.deepEqual(
      serving.items.map(({ id }) => id),
      [decision.id],
    )
    assert.deepEqual(await rulesFor(fixable), ['vulnerabilities.max_severity'])
    assert.deepEqual(await rulesFor(unfixed), [])
  })

  it('allow a clean, covered and tested subject', async () => {
    const subject = freshDigest()
    await admin.submit(subject, trivy())
    await admin.submit(subject, lcov(90))
    await admin.submit(subject, junit({ passed: 3 }))
    const decision = await admin.decide({ subject, stage: 'production' })
    assert.deepEqual([decision.verdict, decision.enforced, decision.violations, decision.warnings], ['allow', true, [], []])
    assert.equal(decision.evidence.length, 3)
  })

  describe('dirty, then clean, then the dirty report again', () => {
    it('denies where reports carry no time of their own: what came last counts', async () => {
      const subject = freshDigest()
      const dirty = trivy({ severities: ['CRITICAL'] })
      await admin.submit(subject, dirty)
      assert.deepEqual(await rulesFor(subject), ['vulnerabilities.max_severity'])
      await admin.submit(subject, trivy())
      assert.deepEqual(await rulesFor(subject), [])
      await admin.submit(subject, dirty)
      assert.deepEqual(await rulesFor(subject), ['vulnerabilities.max_severity'])
    })

    it('stays with the clean one where reports carry their own time, and cannot be cleared by an older clean one', async () => {
      const subject = freshDigest()
      const dirty = trivy({ severities: ['CRITICAL'], createdAt: ago(30) })
      const older = trivy({ createdAt: ago(40) })
      await admin.submit(subject, older)
      await admin.submit(subject, dirty)
      await admin.submit(subject, older)
      assert.deepEqual(await rulesFor(subject), ['vulnerabilities.max_severity'])
      await admin.submit(subject, trivy({ createdAt: ago(20) }))
      await admin.submit(subject, dirty)
      assert.deepEqual(await rulesFor(subject), [])
    })

    it('counts the worse of two tests and coverage reports that follow each other alike', async () => {
      const subject = freshDigest()
      await admin.submit(subject, trivy())
      const failing = junit({ passed: 1, failed: 1 })
      await admin.submit(subject, failing)
      assert.deepEqual(await rulesFor(subject), ['tests.max_failed'])
      await admin.submit(subject, junit({ passed: 2 }))
      assert.deepEqual(await rulesFor(subject), [])
      await admin.submit(subject, failing)
      assert.deepEqual(await rulesFor(subject), ['tests.max_failed'])
    })
  })

  describe('a report that satisfies nothing after a dirty one', () => {
    it('keeps the vulnerabilities counting when it examined nothing, and is a violation itself', async () => {
      const subject = freshDigest()
      await admin.submit(subject, trivy({ severities: ['CRITICAL'] }))
      const empty = await admin.submit(subject, trivy({ scanned: 'nothing' }))
      assert.equal(empty.completeness, 'empty')
      assert.deepEqual(await rulesFor(subject), ['vulnerabilities.evidence_unusable', 'vulnerabilities.max_severity'])
    })

    it("keeps the vulnerabilities counting when it is another digest's", async () => {
      const subject = freshDigest()
      await admin.submit(subject, trivy({ severities: ['CRITICAL'] }))
      const other = await admin.submit(subject, trivy({ digest: freshDigest() }))
      assert.equal(other.subjectMatch, 'mismatch')
      assert.deepEqual(await rulesFor(subject), ['vulnerabilities.evidence_unusable', 'vulnerabilities.max_severity'])
    })

    it('keeps failed tests counting when no test ran', async () => {
      const subject = freshDigest()
      await admin.submit(subject, trivy())
      await admin.submit(subject, junit({ failed: 1 }))
      await admin.submit(subject, junit())
      assert.deepEqual(await rulesFor(subject), ['tests.evidence_unusable', 'tests.max_failed'])
    })

    it('warns of low coverage all the same when nothing was measured afterwards', async () => {
      const subject = freshDigest()
      await admin.submit(subject, trivy())
      await admin.submit(subject, junit({ passed: 1 }))
      await admin.submit(subject, lcov(10))
      await admin.submit(subject, 'TN:\nSF:src/empty.ts\nLF:0\nLH:0\nend_of_record\n', { format: 'lcov' })
      const decision = await admin.decide({ subject, stage: 'production' })
      assert.deepEqual(decision.warnings.map(({ rule }) => rule).sort(), ['coverage.below_minimum', 'coverage.evidence_unusable'])
    })

    it('keeps found secrets counting when a later run failed', async () => {
      const subject = freshDigest()
      await admin.submit(subject, trivy())
      await admin.submit(subject, sarif('gitleaks', ['a secret'], true))
      const failed = await admin.submit(subject, sarif('gitleaks', [], false))
      assert.equal(failed.completeness, 'failed')
      assert.deepEqual(await rulesFor(subject), ['findings.evidence_unusable', 'findings.max_severity'])
    })
  })

  it('add up two shards of one suite', async () => {
    const subject = freshDigest()
    await admin.submit(subject, trivy())
    await admin.submit(subject, junit({ failed: 1 }), { name: 'linux' })
    await admin.submit(subject, junit({ passed: 5 }), { name: 'windows' })
    assert.deepEqual(await rulesFor(subject), ['tests.max_failed'])
    await admin.submit(subject, junit({ passed: 1 }), { name: 'linux' })
    assert.deepEqual(await rulesFor(subject), [])
  })

  it('do not let a secrets-only scan clear vulnerabilities, nor a vulnerability scan clear secrets', async () => {
    const subject = freshDigest()
    await admin.submit(subject, trivy({ severities: ['CRITICAL'] }))
    await admin.submit(subject, trivy({ scanned: 'secrets', secrets: 1 }))
    assert.deepEqual(await rulesFor(subject), ['findings.max_severity', 'vulnerabilities.max_severity'])
    await admin.submit(subject, trivy())
    assert.deepEqual(await rulesFor(subject), ['findings.max_severity'])
  })

  it("do not count a clean report by another repository's token", async () => {
    const subject = freshDigest()
    const own = admin.as(await pipelineToken(admin, 'acme/app'))
    const foreign = admin.as(await pipelineToken(admin, 'other/app'))
    await own.submit(subject, trivy({ severities: ['CRITICAL'] }))
    await foreign.submit(subject, trivy())
    for (const asker of [own, admin]) assert.equal((await asker.decide({ subject, stage: 'production' })).verdict, 'deny')
    const declared = await admin.decide({ subject, stage: 'production', context: { repository: 'acme/app' } })
    assert.deepEqual(denyingRules(declared), ['vulnerabilities.max_severity'])
  })

  it("do not let a declared repository hide another one's dirty report, nor clear it", async () => {
    const subject = freshDigest()
    const own = admin.as(await pipelineToken(admin, 'acme/hidden'))
    const foreign = admin.as(await pipelineToken(admin, 'other/app'))
    await own.submit(subject, trivy({ severities: ['CRITICAL'] }))
    await foreign.submit(subject, trivy())
    for (const repository of ['other/app', 'acme/hidden', undefined]) {
      const context = repository === undefined ? {} : { context: { repository } }
      assert.deepEqual(await rulesFor(subject, 'production', context), ['vulnerabilities.max_severity'], String(repository))
    }
    await admin.submit(subject, trivy())
    for (const asker of [own, admin]) assert.equal((await asker.decide({ subject, stage: 'production' })).verdict, 'allow')
  })

  it("are not moved by a source that another repository's token declares", async () => {
    const subject = freshDigest()
    const own = admin.as(await pipelineToken(admin, 'acme/linked'))
    const foreign = admin.as(await pipelineToken(admin, 'other/linking'))
    const theirs = `git+https://git.example.com/other/linking@${'e'.repeat(40)}`
    await own.submit(subject, trivy(), { source: `git+https://git.example.com/acme/linked@${'d'.repeat(40)}` })
    await foreign.submit(theirs, junit({ failed: 1 }))
    await foreign.submit(subject, junit({ passed: 1 }), { source: theirs })
    const decision = await own.decide({ subject, stage: 'production' })
    assert.deepEqual([decision.verdict, decision.sources.length], ['allow', 1])
    const unconfined = await admin.decide({ subject, stage: 'production' })
    assert.ok(denyingRules(unconfined).includes('tests.ambiguous_source'))
    assert.match(unconfined.violations.find(({ rule }) => rule === 'tests.ambiguous_source')?.message ?? '', /ci-other-linking/)
  })

  it('hide evidence about a source from readers of other repositories, whoever submitted it', async () => {
    const source = `git+https://git.example.com/acme/private@${'f'.repeat(40)}`
    const { id } = await admin.submit(source, junit({ passed: 1 }))
    const foreign = admin.as(await pipelineToken(admin, 'other/reader'))
    const own = admin.as(await pipelineToken(admin, 'acme/private'))
    assert.equal((await foreign.get(`/v1/evidence/${id}`)).status, 404)
    assert.equal((await own.get(`/v1/evidence/${id}`)).status, 200)
    const listed = await foreign.get(`/v1/evidence?subject=${encodeURIComponent(source)}`)
    assert.deepEqual(listed.json<{ items: unknown[] }>().items, [])
  })

  it('keep counting the failures of one suite when the file of another is posted without a name', async () => {
    const subject = freshDigest()
    await admin.submit(subject, trivy())
    await admin.submit(subject, junit({ failed: 1, suite: 'LoginTest' }))
    await admin.submit(subject, junit({ passed: 3, suite: 'PaymentTest' }))
    assert.deepEqual(await rulesFor(subject), ['tests.max_failed'])
    await admin.submit(subject, junit({ passed: 1, suite: 'LoginTest' }))
    assert.deepEqual(await rulesFor(subject), [])
  })

  it('keep counting what a whole image holds when a part of it is scanned', async () => {
    const subject = freshDigest()
    await admin.submit(subject, trivy({ severities: ['CRITICAL'] }))
    await admin.submit(subject, trivy({ directory: 'sub' }))
    assert.deepEqual(await rulesFor(subject), ['vulnerabilities.max_severity'])
    await admin.submit(subject, trivy())
    assert.deepEqual(await rulesFor(subject), [])
  })

  it('keep counting what a scan of one directory found when another is scanned', async () => {
    const subject = `git+https://git.example.com/acme/mono@${'9'.repeat(40)}`
    const scanned = (directory: string, severities: string[] = []) => trivy({ severities, directory })
    await admin.submit(subject, scanned('services/a', ['CRITICAL']))
    await admin.submit(subject, scanned('services/b'))
    assert.deepEqual(await rulesFor(subject), ['vulnerabilities.max_severity'])
    await admin.submit(subject, scanned('services/a'))
    assert.deepEqual(await rulesFor(subject), [])
  })

  it('ask for evidence of every platform of an index, naming those that lack it', async () => {
    const [amd64, arm64] = [freshDigest(), freshDigest()]
    const bytes = imageIndex({ 'linux/amd64': amd64, 'linux/arm64': arm64 })
    const index = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
    await admin.submit(index, bytes)
    assert.deepEqual(await rulesFor(index), ['vulnerabilities.missing_evidence'])
    await admin.submit(amd64, trivy())
    const half = await admin.decide({ subject: index, stage: 'production' })
    assert.deepEqual(denyingRules(half), ['vulnerabilities.missing_platform'])
    assert.deepEqual(half.violations[0]?.missing, ['linux/arm64'])
    await admin.submit(index, trivy())
    assert.deepEqual(await rulesFor(index), ['vulnerabilities.missing_platform'], 'a report that names no platform covers none of several')
    await admin.submit(index, trivy({ platform: { os: 'linux', architecture: 'arm64' } }))
    assert.deepEqual(await rulesFor(index), [])
    assert.deepEqual(await rulesFor(arm64), [], 'the platform itself is covered by what names it')
    await admin.submit(arm64, trivy({ severities: ['CRITICAL'] }))
    assert.deepEqual(await rulesFor(index), ['vulnerabilities.max_severity'])
    const other = await admin.submit(arm64, trivy({ digest: index, platform: { os: 'linux', architecture: 'amd64' } }))
    assert.equal(other.subjectMatch, 'mismatch', 'a report of another platform than the index says that this is')
    assert.deepEqual(await rulesFor(arm64), ['vulnerabilities.evidence_unusable', 'vulnerabilities.max_severity'])
    assert.deepEqual(await rulesFor(amd64), [])
  })

  it("clear a finding by a trusted author's VEX, without a new scan, and by nobody else's", async () => {
    const subject = freshDigest()
    const security = admin.as(await pipelineToken(admin, 'acme/security'))
    const stranger = admin.as(await pipelineToken(admin, 'other/stranger'))
    const binding = { pack: 'vulnerabilities', environment: ['vexed'], parameters: { from: ['admin', 'ci-acme-security'] } }
    await bind(admin, 'vexed', binding)
    await admin.submit(subject, trivy({ severities: ['CRITICAL'] }))
    const ask = () => admin.decide({ subject, stage: 'source', environment: 'vexed' })
    assert.deepEqual(denyingRules(await ask()), ['vulnerabilities.max_severity'])
    await stranger.submit(subject, openvex(subject, 'not_affected'))
    assert.deepEqual(denyingRules(await ask()), ['vulnerabilities.max_severity'], 'a stranger clears nothing')
    const { digest } = await security.submit(subject, openvex(subject, 'not_affected'))
    const cleared = await ask()
    assert.deepEqual([cleared.verdict, cleared.waived.length], ['allow', 1])
    const { findings, ...waived } = cleared.waived[0] ?? { findings: [] }
    assert.deepEqual(waived, {
      ...{ kind: 'vex', author: 'ci-acme-security', status: 'not_affected', justification: 'vulnerable_code_not_present', statement: null },
      ...{ evidence: digest, bindings: ['vexed'], count: 1 },
    })
    assert.deepEqual(
      findings.map(({ id }) => id),
      ['CVE-2026-1000'],
    )
    assert.ok(cleared.evidence.includes(digest))
    await security.submit(subject, openvex(subject, 'affected'))
    assert.deepEqual(denyingRules(await ask()), ['vulnerabilities.max_severity'], 'affected withdraws not_affected')
  })

  it('do not take VEX for a vulnerability report, nor trust any author by default', async () => {
    const subject = freshDigest()
    await admin.submit(subject, openvex(subject, 'not_affected'))
    assert.deepEqual(await rulesFor(subject), ['vulnerabilities.missing_evidence'])
    await admin.submit(subject, trivy({ severities: ['CRITICAL'] }))
    assert.deepEqual(await rulesFor(subject), ['vulnerabilities.max_severity'])
  })

  it('apply a binding whatever repository is declared to dodge it', async () => {
    const subject = freshDigest()
    await admin.submit(subject, trivy())
    await admin.submit(subject, junit({ passed: 1 }))
    const binding = { pack: 'tests', repository: ['acme/dodged'], stage: ['release'], parameters: { minTotal: 10, missing: 'violation' } }
    await bind(admin, 'acme-tests', binding)
    assert.deepEqual(await rulesFor(subject, 'release', { context: { repository: 'acme/dodged' } }), ['tests.min_total'])
    assert.deepEqual(await rulesFor(subject, 'release', { context: { repository: 'other/app' } }), ['tests.min_total'])
    assert.deepEqual(await rulesFor(subject, 'release'), ['tests.min_total'])
    const elsewhere = admin.as(await pipelineToken(admin, 'other/app'))
    assert.deepEqual(denyingRules(await elsewhere.decide({ subject, stage: 'release' })), [])
  })

  it('are the same for a stage and an environment in another letter case', async () => {
    const subject = freshDigest()
    await admin.submit(subject, junit({ failed: 1 }))
    const expected = await rulesFor(subject, 'production')
    assert.deepEqual(expected, ['tests.max_failed', 'vulnerabilities.missing_evidence'])
    for (const stage of ['Production', 'PRODUCTION']) assert.deepEqual(await rulesFor(subject, stage), expected, stage)
  })

  it('deny outside of a window, saying when it opens next', async () => {
    const subject = freshDigest()
    await admin.submit(subject, trivy())
    const [today, windows] = [
      new Date(),
      [{ name: 'nightly', zone: 'UTC', weekdays: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], ...awayFrom(new Date()) }],
    ]
    const binding = { pack: 'change-window', environment: ['windowed'], parameters: { windows } }
    await bind(admin, 'windowed', binding)
    const denied = await admin.decide({ subject, stage: 'production', environment: 'windowed' })
    assert.deepEqual(denyingRules(denied), ['change-window.outside_window'])
    const nextOpen = denied.violations[0]?.nextOpen
    assert.ok(nextOpen !== null && nextOpen !== undefined && Date.parse(nextOpen) > today.getTime())
    const reply = await admin.post('/v1/decisions', { subject, stage: 'production', environment: 'windowed', dryRun: true, at: nextOpen })
    const inside = reply.json<{ verdict: string; expiresAt: string }>()
    assert.equal(inside.verdict, 'allow')
    assert.equal(Date.parse(inside.expiresAt), Date.parse(nextOpen) + 60 * MINUTE, 'an allow ends with its window')
  })

  it('admit at the cluster only what an enforced, unexpired allow covers', async () => {
    const subject = freshDigest()
    assert.deepEqual(await rulesFor(subject, 'admission', { environment: 'production' }), ['verdict.no_allow'])
    await admin.submit(subject, trivy())
    assert.deepEqual(await rulesFor(subject), [])
    assert.deepEqual(await rulesFor(subject, 'admission', { environment: 'production' }), [])
    await admin.submit(subject, trivy({ severities: ['CRITICAL'] }))
    assert.deepEqual(await rulesFor(subject), ['vulnerabilities.max_severity'])
    assert.deepEqual(await rulesFor(subject, 'admission', { environment: 'production' }), ['verdict.denied'])
  })

  it('admit nothing that one repository was denied and another was allowed, whoever is declared to own it', async () => {
    const subject = freshDigest()
    const own = admin.as(await pipelineToken(admin, 'acme/cart'))
    const foreign = admin.as(await pipelineToken(admin, 'evil/cart'))
    await own.submit(subject, trivy({ severities: ['CRITICAL'] }))
    await foreign.submit(subject, trivy())
    assert.equal((await own.decide({ subject, stage: 'production' })).verdict, 'deny')
    assert.equal((await foreign.decide({ subject, stage: 'production' })).verdict, 'allow')
    for (const context of [{}, { repository: 'evil/cart' }, { repository: 'acme/cart' }]) {
      assert.deepEqual(await rulesFor(subject, 'admission', { environment: 'production', context }), ['verdict.denied'])
    }
  })

  it("do not let an asker of some repositories rely on another one's allow", async () => {
    const subject = freshDigest()
    const foreign = admin.as(await pipelineToken(admin, 'evil/relied'))
    const wide = admin.as(await pipelineToken(admin, 'acme/*'))
    await foreign.submit(subject, trivy())
    assert.equal((await foreign.decide({ subject, stage: 'production' })).verdict, 'allow')
    assert.deepEqual(denyingRules(await wide.decide({ subject, stage: 'admission', environment: 'production' })), ['verdict.no_allow'])
  })

  it("are not moved by an index that anybody makes of another's image", async () => {
    const subject = freshDigest()
    await admin.submit(subject, trivy({ digest: subject, platform: { os: 'linux', architecture: 'amd64' } }))
    const bytes = imageIndex({ 'linux/arm64': subject, 'linux/s390x': freshDigest() })
    await admin.submit(`sha256:${createHash('sha256').update(bytes).digest('hex')}`, bytes)
    assert.deepEqual(await rulesFor(subject), [])
  })

  it('deny when one digest is linked to two sources', async () => {
    const subject = freshDigest()
    const source = (letter: string): string => `git+https://git.example.com/acme/app@${letter.repeat(40)}`
    await admin.submit(subject, trivy(), { source: source('a') })
    assert.deepEqual(await rulesFor(subject), [])
    const decision = await admin.decide({ subject, stage: 'production', source: source('b') })
    assert.deepEqual(denyingRules(decision), ['findings.ambiguous_source', 'tests.ambiguous_source', 'vulnerabilities.ambiguous_source'])
    assert.equal(decision.sources.length, 2)
  })

  it('see the evidence of the source that an artifact is linked to', async () => {
    const [subject, source] = [freshDigest(), `git+https://git.example.com/acme/lib@${'c'.repeat(40)}`]
    await admin.submit(subject, trivy())
    await admin.submit(source, junit({ failed: 1 }))
    assert.deepEqual(await rulesFor(subject), [])
    assert.deepEqual(await rulesFor(subject, 'production', { source }), ['tests.max_failed'])
  })

  it("apply a binding for a host's repositories to a token that names no host", async () => {
    const subject = freshDigest()
    await bind(admin, 'hosted', {
      pack: 'tests',
      stage: ['hosted'],
      repository: ['github.com/acme/*'],
      parameters: { missing: 'violation' },
    })
    const own = admin.as(await pipelineToken(admin, 'acme/hostless'))
    const elsewhere = admin.as(await pipelineToken(admin, 'gitlab.com/acme/hostless'))
    await own.submit(subject, trivy())
    assert.deepEqual(denyingRules(await own.decide({ subject, stage: 'hosted' })), ['tests.missing_evidence'])
    const other = denyingRules(await elsewhere.decide({ subject, stage: 'hosted' }))
    assert.ok(!other.includes('tests.missing_evidence'))
  })

  it('list what the tool itself was told to pass over', async () => {
    const subject = freshDigest()
    const report = JSON.stringify({
      ...{ matches: [], descriptor: { name: 'grype', version: '1' }, source: { type: 'image', target: {} } },
      ignoredMatches: [
        {
          ...{ vulnerability: { id: 'CVE-2026-1', severity: 'Critical' }, artifact: { name: 'openssl', version: '3.0.13' } },
          appliedIgnoreRules: [{ reason: 'accepted' }],
        },
      ],
    })
    const { digest } = await admin.submit(subject, report)
    const decision = await admin.decide({ subject, stage: 'production' })
    assert.equal(decision.verdict, 'allow')
    assert.deepEqual(
      decision.waived.map(({ kind, author, evidence, count }) => [kind, author, evidence, count]),
      [['tool', 'admin', digest, 1]],
    )
  })

  it('record a denial when no binding applies', async () => {
    const decision = await admin.decide({ subject: freshDigest(), stage: 'source' })
    assert.deepEqual(denyingRules(decision), ['gate.no_binding'])
    assert.ok(Number.isInteger(decision.logIndex))
  })

  describe('replayed, all that were recorded above', () => {
    it('are the same', async () => {
      assert.ok((await replayEverything(admin)) > 50)
    })

    it('are the same after more evidence was submitted, and all bindings were changed or deleted', async () => {
      const decisions = (await admin.get('/v1/decisions?limit=200')).json<{ items: { subject: string }[] }>().items
      for (const subject of new Set(decisions.map((decision) => decision.subject))) {
        await admin.submit(subject, trivy({ severities: ['CRITICAL', 'LOW'] }))
        await admin.submit(subject, junit({ failed: 7 }))
        await admin.submit(subject, lcov(3))
      }
      const bindings = (await admin.get('/v1/bindings?limit=200')).json<{ items: { name: string; pack: string }[] }>().items
      for (const [at, { name, pack }] of bindings.entries()) {
        if (at % 2 === 0) await admin.send('DELETE', `/v1/bindings/${name}`)
        else await admin.put(`/v1/bindings/${name}`, { pack, mode: 'shadow', validFor: 'PT1H' })
      }
      await replayEverything(admin)
    })
  })
})

async function pipelineToken(admin: Client, repository: string): Promise<string> {
  const principal = `ci-${repository.replaceAll(/[^a-z0-9]+/g, '-')}`
  await admin.put(`/v1/principals/${principal}`, { kind: 'workload' })
  return admin.issueToken({
    principal,
    description: `pipeline of ${repository}`,
    roles: ['pipeline'],
    confinement: { repositories: [repository] },
  })
}

/** An OCI image index of these platforms, with the attestation that BuildKit adds to each. */
function imageIndex(platforms: Readonly<Record<string, string>>): string {
  const mediaType = 'application/vnd.oci.image.manifest.v1+json'
  const manifests = Object.entries(platforms).flatMap(([platform, digest]) => {
    const [os, architecture] = platform.split('/')
    return [
      { mediaType, digest, size: 500, platform: { os, architecture } },
      {
        ...{ mediaType, digest: freshDigest(), size: 500, platform: { os: 'unknown', architecture: 'unknown' } },
        annotations: { 'vnd.docker.reference.type': 'attestation-manifest', 'vnd.docker.reference.digest': digest },
      },
    ]
  })
  return JSON.stringify({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests })
}

/** An OpenVEX document about CVE-2026-1000 in the subject. */
function openvex(subject: string, status: 'affected' | 'not_affected'): string {
  const product = { '@id': `pkg:oci/app@${encodeURIComponent(subject)}`, subcomponents: [{ '@id': 'pkg:deb/debian/openssl@3.0.13' }] }
  const reason = status === 'affected' ? { action_statement: 'Update.' } : { justification: 'vulnerable_code_not_present' }
  return JSON.stringify({
    '@context': 'https://openvex.dev/ns/v0.2.0',
    '@id': `https://vex.example.com/${status}`,
    author: 'admin',
    timestamp: new Date().toISOString(),
    version: 1,
    statements: [{ vulnerability: { name: 'CVE-2026-1000' }, products: [product], status, ...reason }],
  })
}

/** A window of one hour that lies well away from now. */
function awayFrom(now: Date): { from: string; to: string } {
  const hour = (now.getUTCHours() + 5) % 23
  const two = (value: number): string => String(value).padStart(2, '0')
  return { from: `${two(hour)}:00`, to: `${two(hour + 1)}:00` }
}

/** A SARIF log of one run. */
function sarif(tool: string, messages: string[], executionSuccessful: boolean): string {
  const results = messages.map((text, at) => ({ ruleId: `rule-${at}`, level: 'error', message: { text } }))
  return JSON.stringify({ version: '2.1.0', runs: [{ tool: { driver: { name: tool } }, invocations: [{ executionSuccessful }], results }] })
}

async function bind(admin: Client, name: string, binding: Record<string, unknown>): Promise<void> {
  const reply = await admin.put(`/v1/bindings/${name}`, binding)
  assert.equal(reply.status, 201, reply.text)
}
