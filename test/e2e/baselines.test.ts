import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'

import { generateLogKey, randomOrigin } from '../../src/audit/log-key.ts'
import { systemClock, type Clock } from '../../src/core/clock.ts'
import type { ShownBaseline } from '../../src/decisions/baselines/overview.ts'
import { denyingRules, type Client, type DecisionBody } from '../support/client.ts'
import { replayEverything } from '../support/replays.ts'
import { freshDigest, junit, lcov } from '../support/reports.ts'
import { startService, type RunningService } from '../support/service.ts'
import { forEachEngine } from '../support/storage.ts'

const DAY = 86_400_000
const RULES = { max: { critical: 0, high: 0, medium: 0 }, fixableOnly: [] }

type Flaw = readonly [id: string, severity: string]

const OLD: readonly Flaw[] = Array.from({ length: 1500 }, (_, at) => [`CVE-2020-${10_000 + at}`, at % 3 === 0 ? 'CRITICAL' : 'HIGH'])
const FEW: readonly Flaw[] = [
  ['CVE-2020-1', 'CRITICAL'],
  ['CVE-2020-2', 'HIGH'],
]
const NEW: Flaw = ['CVE-2026-99999', 'CRITICAL']

/** A Trivy report of these vulnerabilities, each in a package of its own. */
function scan(flaws: readonly Flaw[], version = '1.0.0'): string {
  const Vulnerabilities = flaws.map(([VulnerabilityID, Severity]) => {
    const PkgName = `lib-${VulnerabilityID.toLowerCase()}`
    const place = { PkgIdentifier: { PURL: `pkg:deb/debian/${PkgName}@${version}` }, InstalledVersion: version }
    return { VulnerabilityID, Severity, PkgName, ...place, FixedVersion: '9.0.0' }
  })
  return JSON.stringify({
    SchemaVersion: 2,
    ArtifactName: 'app',
    ArtifactType: 'container_image',
    Metadata: {},
    Results: [{ Target: 'app (debian 12)', Class: 'os-pkgs', Type: 'debian', Vulnerabilities }],
    ReportID: randomBytes(8).toString('hex'),
  })
}

await forEachEngine('Baselines', (engine) => {
  let service: RunningService
  let admin: Client
  let ahead = 0
  const clock: Clock = { now: () => systemClock.now() + ahead }

  before(async () => {
    const { databaseUrl } = await engine.place()
    const database: Record<string, string> =
      databaseUrl === undefined ? {} : { PORTCULLIS_DATABASE_URL: databaseUrl, PORTCULLIS_LOG_KEY: generateLogKey(randomOrigin()) }
    service = await startService({ ...database, PORTCULLIS_PROFILE: 'observe', PORTCULLIS_RELEASE_STAGES: 'canary' }, { clock })
    admin = service.admin
  })
  after(() => service[Symbol.asyncDispose]())

  const instant = (offset = 0): string => new Date(clock.now() + offset).toISOString()

  /** A repository with a pipeline of its own, and a stage at which nothing but its own bindings denies. */
  async function setUp() {
    const stage = `s${randomBytes(4).toString('hex')}`
    const repository = `acme/${stage}`
    const principal = `${stage}-ci`
    await admin.put(`/v1/principals/${principal}`, { kind: 'workload' })
    const token = await admin.issueToken({ principal, description: 'ci', roles: ['pipeline'], confinement: { repositories: [repository] } })
    const ci = admin.as(token)
    const bind = async (parameters: Record<string, unknown>, more: Record<string, unknown> = {}) => {
      const reply = await admin.put(`/v1/bindings/${stage}`, {
        pack: 'vulnerabilities',
        mode: 'enforce',
        stage: [stage],
        parameters,
        ...more,
      })
      assert.ok(reply.status === 200 || reply.status === 201, reply.text)
    }
    const decide = (subject: string, more: Record<string, unknown> = {}) => ci.decide({ subject, stage, ...more })
    /** Posts the report for an image of its own and asks about that. */
    const judge = async (report: string, query: Record<string, string> = {}, more: Record<string, unknown> = {}) => {
      const subject = freshDigest()
      await ci.submit(subject, report, query)
      return decide(subject, more)
    }
    const heads = async () => (await admin.get(`/v1/baselines?binding=${stage}`)).json<{ items: ShownBaseline[] }>().items
    return { stage, repository, ci, bind, decide, judge, heads }
  }

  const snapshot = (more: Record<string, unknown> = {}) => ({
    snapshot: instant(),
    owner: 'platform-team',
    expires: instant(90 * DAY),
    ...more,
  })

  it('allow 1,500 old findings, deny a new one naming only it, and deny one that comes back after it was fixed', async () => {
    const { repository, ci, bind, judge, heads } = await setUp()
    await ci.submit(freshDigest(), scan(OLD))
    const baseline = snapshot()
    await bind({ ...RULES, baseline })

    const asBefore = await judge(scan(OLD, '1.0.1'))
    assert.equal(asBefore.verdict, 'allow')
    const [use] = asBefore.baselines
    assert.deepEqual(
      [use?.kind, use?.owner, use?.expires, use?.matched, use?.remaining, use?.needed, use?.setDigests.length],
      ['snapshot', 'platform-team', baseline.expires, 1500, 1500, true, 1],
    )

    const worse = await judge(scan([...OLD, NEW]))
    assert.deepEqual(denyingRules(worse), ['vulnerabilities.max_severity'])
    assert.deepEqual(
      worse.violations.flatMap(({ findings }) => findings.map(({ id }) => id)),
      [NEW[0]],
    )

    const [fixed, ...rest] = OLD
    assert.ok(fixed)
    const better = await judge(scan(rest))
    assert.deepEqual([better.verdict, better.baselines[0]?.remaining], ['allow', 1499])
    const [head] = await heads()
    assert.deepEqual(
      [head?.repository, head?.lane, head?.initial, head?.remaining, head?.owner],
      [repository, { class: 'vulnerabilities', tool: 'trivy', name: null }, 1500, 1499, 'platform-team'],
    )

    const again = await judge(scan(OLD))
    assert.deepEqual(
      again.violations.flatMap(({ findings }) => findings.map(({ id }) => id)),
      [fixed[0]],
    )
  })

  it('hold nothing of a report that is named anew, and say so', async () => {
    const { ci, bind, judge } = await setUp()
    await ci.submit(freshDigest(), scan(FEW), { name: 'api' })
    await bind({ ...RULES, baseline: snapshot() })
    assert.equal((await judge(scan(FEW), { name: 'api' })).verdict, 'allow')
    const renamed = await judge(scan(FEW), { name: 'web' })
    assert.deepEqual([renamed.verdict, renamed.violations[0]?.findings.length], ['deny', 1])
    assert.deepEqual(
      renamed.warnings.map(({ rule }) => rule),
      ['vulnerabilities.no_baseline'],
    )
    assert.match(renamed.warnings[0]?.message ?? '', /trivy "web"/)
    assert.deepEqual((await judge(scan([]), { name: 'web' })).warnings, [])
  })

  it("are no other repository's, whatever the asker declares", async () => {
    const [one, other] = [await setUp(), await setUp()]
    await one.ci.submit(freshDigest(), scan(FEW))
    await one.bind({ ...RULES, baseline: snapshot() })
    const subject = freshDigest()
    await other.ci.submit(subject, scan(FEW))
    const declared = { subject, stage: one.stage, context: { repository: one.repository } }
    // The other's report is no evidence for the declared repository either.
    assert.deepEqual(denyingRules(await admin.decide(declared)), ['vulnerabilities.max_severity', 'vulnerabilities.missing_evidence'])
  })

  it('are told apart by whose token it is where no repository is known', async () => {
    const { stage, bind } = await setUp()
    const teams = await Promise.all(
      ['one', 'two'].map(async (name) => {
        const principal = `${stage}-${name}`
        await admin.put(`/v1/principals/${principal}`, { kind: 'workload' })
        const confinement = { repositories: [`${principal}/*`] }
        return admin.as(await admin.issueToken({ principal, description: 'team', roles: ['pipeline'], confinement }))
      }),
    )
    const [one, two] = teams
    assert.ok(one && two)
    await one.submit(freshDigest(), scan(FEW))
    await bind({ ...RULES, baseline: snapshot() })
    for (const [team, verdict] of [
      [two, 'deny'],
      [one, 'allow'],
      [two, 'deny'],
    ] as const) {
      const subject = freshDigest()
      await team.submit(subject, scan(FEW))
      assert.equal((await team.decide({ subject, stage })).verdict, verdict)
    }
    const shown = async (team: Client) => (await team.get(`/v1/baselines?binding=${stage}`)).json<{ items: ShownBaseline[] }>().items
    assert.deepEqual([(await shown(one)).map(({ repository }) => repository), await shown(two)], [[`${stage}-one/*`], []])
  })

  it('hold what the newest report before the snapshot found, and nothing that came later', async () => {
    const { ci, bind, judge } = await setUp()
    await ci.submit(freshDigest(), scan([...FEW, NEW]))
    await ci.submit(freshDigest(), scan(FEW))
    const baseline = snapshot()
    await new Promise((resolve) => setTimeout(resolve, 5))
    await ci.submit(freshDigest(), scan([...FEW, NEW]))
    await bind({ ...RULES, baseline })
    assert.equal((await judge(scan([...FEW, NEW]))).verdict, 'deny')
    assert.equal((await judge(scan(FEW))).verdict, 'allow')
  })

  it('count a second occurrence of what they hold once as new', async () => {
    const { ci, bind, judge } = await setUp()
    const [first] = FEW
    assert.ok(first)
    await ci.submit(freshDigest(), scan([first]))
    await bind({ ...RULES, baseline: snapshot() })
    const twice = JSON.parse(scan([first])) as { Results: { Vulnerabilities: Record<string, unknown>[] }[] }
    const found = twice.Results[0]?.Vulnerabilities
    found?.push({ ...found[0], InstalledVersion: '2.0.0', PkgIdentifier: { PURL: 'pkg:deb/debian/lib-cve-2020-1@2.0.0' } })
    const decision = await judge(JSON.stringify(twice))
    assert.deepEqual([decision.verdict, decision.baselines[0]?.matched], ['deny', 1])
    assert.deepEqual(
      decision.violations[0]?.findings.map((listed) => (listed as { version?: string }).version),
      ['2.0.0'],
    )
  })

  it('shrink with nothing but recorded, enforced allows', async () => {
    const { ci, bind, decide, judge, heads } = await setUp()
    await ci.submit(freshDigest(), scan(FEW))
    const baseline = snapshot()
    await bind({ ...RULES, baseline })
    const [kept] = FEW
    assert.ok(kept)

    const denied = await judge(scan([kept, NEW]))
    assert.deepEqual([denied.verdict, denied.baselines[0]?.remaining, (await heads())[0]?.remaining], ['deny', 1, 2])

    const clean = freshDigest()
    await ci.submit(clean, scan([kept]))
    const dry = await decide(clean, { dryRun: true })
    assert.deepEqual([dry.verdict, (await heads())[0]?.remaining], ['allow', 2])

    await bind({ ...RULES, baseline }, { mode: 'warn' })
    assert.equal((await decide(clean)).enforced, false)
    assert.equal((await heads())[0]?.remaining, 2)

    await bind({ ...RULES, baseline })
    assert.equal((await judge(scan(FEW))).verdict, 'allow')
    const rebuilt = await judge(scan([kept]))
    assert.deepEqual([rebuilt.verdict, (await heads())[0]?.remaining], ['allow', 1])
  })

  it('are part of what a decision rests on: another set is another input', async () => {
    const { ci, bind, decide, judge } = await setUp()
    await ci.submit(freshDigest(), scan(FEW))
    await bind({ ...RULES, baseline: snapshot() })
    const subject = freshDigest()
    await ci.submit(subject, scan(FEW))
    const question = { dryRun: true, at: instant() }
    const [once, twice] = [await decide(subject, question), await decide(subject, question)]
    assert.equal(once.inputDigest, twice.inputDigest)
    await judge(scan([]))
    assert.notEqual((await decide(subject, question)).inputDigest, once.inputDigest)
  })

  it('do not shrink by a report that is older than the snapshot, or than one that they were narrowed by', async () => {
    const { ci, bind, decide, judge, heads } = await setUp()
    const [earlier, between] = [freshDigest(), freshDigest()]
    await ci.submit(earlier, scan([]))
    await ci.submit(freshDigest(), scan(FEW))
    await bind({ ...RULES, baseline: snapshot() })
    assert.equal((await decide(earlier)).verdict, 'allow')
    await ci.submit(between, scan([]))
    assert.equal((await judge(scan(FEW))).verdict, 'allow')
    assert.equal((await decide(between)).verdict, 'allow')
    assert.equal((await heads())[0]?.remaining, 2)
  })

  it('are the same under a new owner and expiry and after the binding was made anew, and begin again with another snapshot', async () => {
    const { stage, ci, bind, judge } = await setUp()
    await ci.submit(freshDigest(), scan(FEW))
    const baseline = snapshot()
    await bind({ ...RULES, baseline })
    assert.equal((await judge(scan([]))).verdict, 'allow')
    assert.equal((await judge(scan(FEW))).verdict, 'deny')
    await bind({ ...RULES, baseline: { ...baseline, owner: 'shop-team', expires: instant(30 * DAY) } })
    assert.equal((await judge(scan(FEW))).verdict, 'deny')
    assert.equal((await admin.send('DELETE', `/v1/bindings/${stage}`)).status, 204)
    await bind({ ...RULES, baseline })
    assert.equal((await judge(scan(FEW))).verdict, 'deny')
    await bind({ ...RULES, baseline: snapshot() })
    assert.equal((await judge(scan(FEW))).verdict, 'allow')
  })

  it('end the allow that needed them as they expire, and count as none from then on', async () => {
    const { ci, bind, judge } = await setUp()
    await ci.submit(freshDigest(), scan(FEW))
    const baseline = snapshot({ expires: instant(DAY) })
    await bind({ ...RULES, baseline })
    assert.equal((await judge(scan(FEW))).expiresAt, baseline.expires)
    const unneeded = await judge(scan([['CVE-2020-3', 'LOW']]))
    assert.notEqual(unneeded.expiresAt, baseline.expires)
    assert.deepEqual(unneeded.restsOn, [])
    ahead = DAY + 1000
    try {
      const late = await judge(scan(FEW))
      assert.deepEqual([late.verdict, late.baselines], ['deny', []])
      assert.deepEqual(
        late.warnings.map(({ rule }) => rule),
        ['vulnerabilities.baseline_expired'],
      )
    } finally {
      ahead = 0
    }
  })

  it('void the allows that needed them as the binding loses them, so that nothing deployed is grounded by one', async () => {
    const { stage, ci, bind, judge } = await setUp()
    await ci.submit(freshDigest(), scan(FEW))
    await bind({ ...RULES, baseline: snapshot() })
    const [needing, other] = [await judge(scan(FEW)), await judge(scan([['CVE-2020-3', 'LOW']]))]
    assert.deepEqual([needing.restsOn.map(({ kind }) => kind), needing.voidedAt, other.restsOn], [['baseline'], null, []])
    await bind(RULES)
    const voidedAt = async ({ id }: { id: string }) => (await ci.get(`/v1/decisions/${id}`)).json<DecisionBody>().voidedAt
    assert.ok(typeof (await voidedAt(needing)) === 'string')
    assert.equal(await voidedAt(other), null)
    const deploy = async ({ id }: { id: string }) => {
      const { subject } = (await ci.get(`/v1/decisions/${id}`)).json<{ subject: string }>()
      return (await ci.post('/v1/deployments', { subject, environment: stage, startedAt: instant() })).json<{ grounded: boolean }>()
    }
    assert.deepEqual([(await deploy(needing)).grounded, (await deploy(other)).grounded], [false, true])
  })

  it('refuse a snapshot of what is yet to come, and one that nobody owns or that never ends', async () => {
    const { stage } = await setUp()
    const complete = snapshot()
    const refused = async (baseline: unknown) => {
      const reply = await admin.put(`/v1/bindings/${stage}`, { pack: 'tests', parameters: { baseline } })
      assert.equal(reply.status, 422, JSON.stringify(baseline))
      const { code, field } = reply.json()
      assert.equal(code, 'parameters_invalid')
      return field
    }
    assert.equal(await refused({ ...complete, snapshot: instant(60_000) }), 'body.parameters/baseline/snapshot')
    assert.equal(await refused({ ...complete, owner: undefined }), 'body.parameters/baseline/owner')
    assert.equal(await refused({ ...complete, expires: undefined }), 'body.parameters/baseline/expires')
    assert.equal(await refused({ ...complete, expires: complete.snapshot }), 'body.parameters/baseline/expires')
    assert.equal(await refused({ ...complete, since: 1 }), 'body.parameters/baseline/since')
    assert.equal(await refused('all'), 'body.parameters/baseline')
    const lastDeployed = { environment: 'production' }
    assert.equal(await refused({ ...complete, lastDeployed }), 'body.parameters/baseline')
    assert.equal(await refused({ ...complete, snapshot: undefined }), 'body.parameters/baseline/snapshot')
    const deployed = { ...complete, snapshot: undefined, lastDeployed: { environment: 'prod*' } }
    assert.equal(await refused(deployed), 'body.parameters/baseline/lastDeployed/environment')
  })

  it('shrink by both of two decisions that run side by side', async () => {
    const { ci, bind, decide, heads } = await setUp()
    const flaws: Flaw[] = [...FEW, ['CVE-2020-3', 'HIGH'], ['CVE-2020-4', 'HIGH']]
    await ci.submit(freshDigest(), scan(flaws))
    await bind({ ...RULES, baseline: snapshot() })
    const subjects = await Promise.all(
      [flaws.slice(1), flaws.slice(0, -1)].map(async (left) => {
        const subject = freshDigest()
        await ci.submit(subject, scan(left))
        return subject
      }),
    )
    const verdicts = await Promise.all([...subjects, ...subjects].map((subject) => decide(subject)))
    assert.ok(verdicts.some(({ verdict }) => verdict === 'allow'))
    const [head] = await heads()
    assert.ok(head && head.initial === 4 && head.remaining < 4 && head.remaining >= 2, JSON.stringify(head))
  })

  it('hold no more than the submitters whom the binding trusts have found', async () => {
    const { stage, ci, bind } = await setUp()
    await ci.submit(freshDigest(), scan([...FEW, NEW]))
    await bind({ ...RULES, from: [`${stage}-scanner`], baseline: snapshot() })
    await admin.put(`/v1/principals/${stage}-scanner`, { kind: 'workload' })
    const token = await admin.issueToken({
      principal: `${stage}-scanner`,
      description: 'scans',
      roles: ['pipeline'],
      confinement: { repositories: [`acme/${stage}`] },
    })
    const subject = freshDigest()
    await admin.as(token).submit(subject, scan([NEW]))
    assert.deepEqual(denyingRules(await ci.decide({ subject, stage })), ['vulnerabilities.max_severity'])
  })

  describe('of tests', () => {
    it('excuse the tests that failed then by name, as failed or errored, and no other', async () => {
      const { ci, bind, judge, heads } = await setUp()
      await ci.submit(freshDigest(), junit({ passed: 5, failed: 2, errored: 1 }))
      await bind({ minPassRate: 100, baseline: snapshot() }, { pack: 'tests' })
      const asBefore = await judge(junit({ passed: 5, failed: 2, errored: 1 }))
      assert.deepEqual([asBefore.verdict, asBefore.baselines[0]?.matched, asBefore.baselines[0]?.needed], ['allow', 3, true])
      assert.deepEqual(denyingRules(await judge(junit({ passed: 5, failed: 3, errored: 1 }))), ['tests.max_failed', 'tests.min_pass_rate'])
      assert.deepEqual(denyingRules(await judge(junit({ passed: 5, failed: 2, errored: 2 }))), ['tests.max_errored', 'tests.min_pass_rate'])
      assert.equal((await judge(junit({ passed: 6, failed: 1, errored: 1 }))).verdict, 'allow')
      assert.equal((await heads())[0]?.remaining, 2)
      assert.deepEqual(denyingRules(await judge(junit({ passed: 5, failed: 2, errored: 1 }))), ['tests.max_failed', 'tests.min_pass_rate'])
    })
  })

  describe('of coverage', () => {
    it('hold it where it was, and at what was reached since', async () => {
      const { ci, bind, judge, heads } = await setUp()
      await ci.submit(freshDigest(), lcov(40))
      await bind({ baseline: snapshot() }, { pack: 'coverage' })
      const asBefore = await judge(lcov(40))
      assert.deepEqual([asBefore.verdict, asBefore.baselines[0]?.needed], ['allow', true])
      const fell = await judge(lcov(39))
      assert.deepEqual(denyingRules(fell), ['coverage.below_minimum'])
      assert.match(fell.violations[0]?.message ?? '', /holds it at 40 %/)
      assert.equal((await judge(lcov(55))).verdict, 'allow')
      assert.deepEqual((await heads()).map(({ initial, remaining }) => [initial, remaining])[0], [60, 45])
      assert.deepEqual(denyingRules(await judge(lcov(54))), ['coverage.below_minimum'])
      assert.equal((await judge(lcov(81))).baselines[0]?.needed, false)
    })

    it('hold nothing of a report without history', async () => {
      const { bind, judge } = await setUp()
      await bind({ baseline: snapshot() }, { pack: 'coverage' })
      const decision = await judge(lcov(40))
      assert.deepEqual(denyingRules(decision), ['coverage.below_minimum'])
      assert.deepEqual(
        decision.warnings.map(({ rule }) => rule),
        ['coverage.no_baseline'],
      )
    })
  })

  describe('of what was last deployed', () => {
    const LOW: Flaw = ['CVE-2020-7', 'LOW']
    const STRICTER = { ...RULES, max: { ...RULES.max, low: 0 } }
    const LOOSE = { max: { critical: null, high: null } }

    async function setUpDeployments() {
      const parts = await setUp()
      const { stage, ci, decide, bind } = parts
      const baseline = { lastDeployed: { environment: stage }, owner: 'platform-team', expires: instant(90 * DAY) }
      const deploy = async (subject: string, outcome: string | null = 'succeeded') => {
        const started = await ci.post('/v1/deployments', { subject, environment: stage, startedAt: instant() })
        assert.equal(started.status, 201, started.text)
        const { id, grounded } = started.json<{ id: string; grounded: boolean }>()
        if (outcome !== null) assert.equal((await ci.post(`/v1/deployments/${id}/finish`, { outcome })).status, 200)
        return grounded
      }
      /** Posts the report for an image of its own, asks about that, and deploys it. */
      const release = async (flaws: readonly Flaw[], outcome: string | null = 'succeeded') => {
        const subject = freshDigest()
        await ci.submit(subject, scan(flaws))
        const { verdict } = await decide(subject)
        return { verdict, grounded: await deploy(subject, outcome) }
      }
      const bindTo = (parameters: Record<string, unknown>) => bind({ ...parameters, baseline })
      return { ...parts, deploy, release, bindTo }
    }

    const named = (decision: Awaited<ReturnType<Client['decide']>>) =>
      decision.violations.flatMap(({ findings }) => findings.map(({ id }) => id))

    it('begin with what was deployed before, and leave out nothing else', async () => {
      const { bind, bindTo, judge, release, heads } = await setUpDeployments()
      await bind(LOOSE)
      assert.deepEqual(await release(FEW), { verdict: 'allow', grounded: true })
      await bindTo(RULES)
      const asBefore = await judge(scan(FEW, '1.0.1'))
      assert.deepEqual([asBefore.verdict, asBefore.baselines[0]?.kind, asBefore.baselines[0]?.needed], ['allow', 'lastDeployed', true])
      assert.deepEqual(named(await judge(scan([...FEW, NEW]))), [NEW[0]])
      const [head] = await heads()
      assert.deepEqual([head?.kind, head?.snapshot, head?.environment, head?.remaining], ['lastDeployed', null, head?.binding, 2])
    })

    it('hold nothing without a deployment that an allow grounded and that succeeded', async () => {
      const { ci, bind, bindTo, judge, deploy, release, heads } = await setUpDeployments()
      await bind(LOOSE)
      await release(FEW, null)
      await release(FEW, 'failed')
      await bindTo(RULES)
      const around = freshDigest()
      await ci.submit(around, scan(FEW))
      assert.equal(await deploy(around), false)
      const decision = await judge(scan(FEW))
      assert.deepEqual([decision.verdict, decision.baselines[0]?.matched], ['deny', 0])
      assert.deepEqual(
        decision.warnings.map(({ rule }) => rule),
        ['vulnerabilities.no_baseline'],
      )
      assert.match(decision.warnings[0]?.message ?? '', /was deployed to/)
      assert.deepEqual(await heads(), [])
    })

    it('are renewed by a deployment that passed without them', async () => {
      const { bindTo, judge, release } = await setUpDeployments()
      await bindTo(RULES)
      assert.equal((await judge(scan(FEW))).verdict, 'deny')
      assert.deepEqual(await release([LOW]), { verdict: 'allow', grounded: true })
      await bindTo(STRICTER)
      const decision = await judge(scan([LOW]))
      assert.deepEqual([decision.verdict, decision.baselines[0]?.needed], ['allow', true])
    })

    it('are not renewed by one that needed them: that only takes out what was paid', async () => {
      const { bind, bindTo, judge, release, heads } = await setUpDeployments()
      await bind(LOOSE)
      await release(FEW)
      await bindTo(RULES)
      const [kept, paid] = FEW
      assert.ok(kept && paid)
      assert.deepEqual(await release([kept, LOW]), { verdict: 'allow', grounded: true })
      await bindTo(STRICTER)
      assert.deepEqual(named(await judge(scan([kept, LOW]))), [LOW[0]])
      assert.deepEqual(named(await judge(scan([kept, paid]))), [paid[0]])
      assert.equal((await heads())[0]?.remaining, 1)
    })

    it('do not take over what was deployed without being judged under the binding', async () => {
      const { stage, ci, bindTo, judge, deploy } = await setUpDeployments()
      await bindTo(RULES)
      assert.equal((await judge(scan(FEW))).verdict, 'deny')
      await admin.put(`/v1/bindings/${stage}-canary`, { pack: 'vulnerabilities', mode: 'enforce', stage: ['canary'], parameters: LOOSE })
      const subject = freshDigest()
      await ci.submit(subject, scan(FEW))
      assert.equal((await ci.decide({ subject, stage: 'canary', environment: stage })).verdict, 'allow')
      assert.equal(await deploy(subject), true)
      assert.equal((await judge(scan(FEW))).verdict, 'deny')
    })

    it('do not get back by a late success what was paid meanwhile', async () => {
      const { ci, bind, bindTo, decide, judge, deploy, release } = await setUpDeployments()
      await bind(LOOSE)
      await release([...FEW, LOW])
      await bindTo(RULES)
      const slow = freshDigest()
      await ci.submit(slow, scan([LOW]))
      assert.equal((await decide(slow)).verdict, 'allow')
      assert.equal((await judge(scan([]))).verdict, 'allow')
      assert.equal(await deploy(slow), true)
      await bindTo(STRICTER)
      assert.equal((await judge(scan([LOW]))).verdict, 'deny')
    })
  })

  it('are listed to those who may see the repository, by owner and page by page', async () => {
    const [one, other] = [await setUp(), await setUp()]
    const owner = `team-${one.stage}`
    for (const { ci, bind, judge } of [one, other]) {
      for (const name of ['api', 'web']) await ci.submit(freshDigest(), scan(FEW), { name })
      await bind({ ...RULES, baseline: snapshot({ owner }) })
      for (const name of ['api', 'web']) await judge(scan(FEW), { name })
    }
    const first = await admin.get(`/v1/baselines?owner=${owner}&limit=3`)
    const page = first.json<{ items: ShownBaseline[]; next: string }>()
    const second = (await admin.get(`/v1/baselines?owner=${owner}&limit=3&cursor=${page.next}`)).json<{ items: ShownBaseline[] }>()
    assert.deepEqual(
      [...page.items, ...second.items].map(({ binding, lane }) => `${binding} ${lane.name}`),
      [`${one.stage} api`, `${one.stage} web`, `${other.stage} api`, `${other.stage} web`],
    )
    const own = (await one.ci.get(`/v1/baselines?owner=${owner}`)).json<{ items: ShownBaseline[] }>().items
    assert.deepEqual([...new Set(own.map(({ repository }) => repository))], [one.repository])
    const foreign = await one.ci.get(`/v1/baselines?repository=${encodeURIComponent(other.repository)}`)
    assert.deepEqual(foreign.json()['items'], [])
    const metrics = (await admin.get('/metrics')).text
    assert.ok(metrics.includes(`portcullis_baseline_findings{binding="${one.stage}"} 4`), metrics.slice(0, 500))
  })

  it('are the same in a replay, however they shrank since', async () => {
    assert.ok((await replayEverything(admin)) > 50)
  })
})
