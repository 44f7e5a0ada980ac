import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { sha256Digest } from '../../../src/core/digest.ts'
import type { Link } from '../../../src/evidence/evidence.ts'
import { selectEvidence, type SelectionContext, type SelectionRules } from '../../../src/decisions/evidence-selection.ts'
import { sourcesOf, visibleLinks } from '../../../src/decisions/subject-links.ts'
import { platformFamily } from '../../../src/decisions/platforms.ts'
import type { ObservedEvidence } from '../../../src/decisions/ports.ts'
import { counts, observed, SUBJECT } from '../../support/evidence.ts'

const RULES: SelectionRules = {
  classes: ['vulnerabilities'],
  from: [],
  minTrust: 'asker',
  allowMismatch: false,
  linkProof: 'declared',
  vexPackagesFrom: [],
}
const CONTEXT: SelectionContext = {
  subject: SUBJECT,
  askerId: 'principal-release',
  askerIssuerIds: ['principal-ops'],
  repositories: ['acme/app'],
  repository: 'acme/app',
  until: undefined,
}
const PLATFORM = sha256Digest('one platform')
const SOURCE = `git+https://git.example.com/acme/app@${'a'.repeat(40)}`

const DECLARED = { declaredBy: 'ci', declarerGroups: [], platform: null, repositories: null, at: '2026-11-20T09:00:00.000Z' }
const INDEX = sha256Digest('an index')
const [AMD64, ARM64] = [sha256Digest('amd64'), sha256Digest('arm64')]
const MANIFESTS = new Map([
  [
    INDEX,
    [
      { digest: AMD64, platform: 'linux/amd64' },
      { digest: ARM64, platform: 'linux/arm64/v8' },
    ],
  ],
])
const PLATFORM_LINKS = [
  link({ from: INDEX, to: AMD64, kind: 'platform', proof: 'index', platform: 'linux/amd64' }),
  link({ from: INDEX, to: ARM64, kind: 'platform', proof: 'index', platform: 'linux/arm64/v8' }),
]

function select(
  items: readonly ObservedEvidence[],
  rules: Partial<SelectionRules> = {},
  context: Partial<SelectionContext> = {},
  links: Link[] = [],
) {
  const asked = { ...CONTEXT, ...context }
  const family = platformFamily(asked.subject, links, MANIFESTS)
  return selectEvidence({ links: visibleLinks(links, asked), observed: [...items], family }, asked, { ...RULES, ...rules })
}

function ids(items: readonly { evidence: { id: string } }[]): string[] {
  return items.map(({ evidence }) => evidence.id)
}

function link(stated: Partial<Link>): Link {
  return { from: SUBJECT, to: SOURCE, kind: 'source', proof: 'declared', ...DECLARED, ...stated }
}

describe('which of several reports counts', () => {
  it('takes the report received last where reports carry no time of their own', () => {
    const dirty = observed({ at: '2026-11-20T10:00:00.000Z' })
    const clean = observed({ at: '2026-11-20T11:00:00.000Z' })
    assert.deepEqual(ids(select([dirty, clean]).counted), [clean.evidence.id])
  })

  it('takes a report seen again as new, where it carries no time of its own', () => {
    const dirty = observed({ at: '2026-11-20T10:00:00.000Z' })
    const clean = observed({ at: '2026-11-20T11:00:00.000Z' })
    const again = { evidence: dirty.evidence, observation: { ...dirty.observation, id: 'again', at: '2026-11-20T12:00:00.000Z' } }
    assert.deepEqual(ids(select([dirty, clean, again]).counted), [dirty.evidence.id])
  })

  it("orders by the reports' own times, so that posting an old clean report again clears nothing", () => {
    const clean = observed({ evidence: { reportedAt: '2026-11-20T08:00:00Z' } })
    const dirty = observed({ at: '2026-11-20T10:00:00.000Z', evidence: { reportedAt: '2026-11-20T09:00:00Z' } })
    const again = { evidence: clean.evidence, observation: { ...clean.observation, at: '2026-11-20T12:00:00.000Z' } }
    assert.deepEqual(ids(select([clean, dirty, again]).counted), [dirty.evidence.id])
  })

  it('never lets a report be newer than its receipt', () => {
    const ahead = observed({ at: '2026-11-20T10:00:00.000Z', evidence: { reportedAt: '2026-11-20T10:04:00Z' } })
    const later = observed({ at: '2026-11-20T10:02:00.000Z' })
    assert.deepEqual(ids(select([ahead, later]).counted), [later.evidence.id])
  })

  it('counts the worse of two reports of the same time', () => {
    const time = { reportedAt: '2026-11-20T08:00:00Z' }
    const clean = observed({ evidence: time })
    const dirty = observed({ evidence: { ...time, summary: { scanned: ['vulnerabilities'], counts: counts({ critical: 1 }) } } })
    assert.deepEqual(ids(select([clean, dirty]).counted), [dirty.evidence.id])
    assert.deepEqual(ids(select([dirty, clean]).counted), [dirty.evidence.id])
  })

  it('keeps shards, tools and classes apart', () => {
    const shards = ['linux', 'windows'].map((name) =>
      observed({ scanned: ['tests'], evidence: { name, tool: { name: 'junit', version: null } } }),
    )
    assert.equal(select(shards, { classes: ['tests'] }).counted.length, 2)
    const tools = ['trivy', 'grype'].map((name) => observed({ evidence: { tool: { name, version: null } } }))
    assert.equal(select(tools).counted.length, 2)
  })

  it('does not let a secrets-only scan clear the vulnerabilities of an earlier scan', () => {
    const vulnerabilities = observed({ at: '2026-11-20T10:00:00.000Z' })
    const secretsOnly = observed({ at: '2026-11-20T11:00:00.000Z', scanned: ['secrets'] })
    assert.deepEqual(ids(select([vulnerabilities, secretsOnly]).counted), [vulnerabilities.evidence.id])
  })
})

describe('reports that satisfy nothing', () => {
  for (const completeness of ['failed', 'empty', 'partial'] as const) {
    it(`keeps counting the dirty report behind a ${completeness} one, and names the ${completeness} one`, () => {
      const dirty = observed({ at: '2026-11-20T10:00:00.000Z' })
      const unusable = observed({ at: '2026-11-20T11:00:00.000Z', evidence: { completeness } })
      const selection = select([dirty, unusable])
      assert.deepEqual(ids(selection.counted), [dirty.evidence.id])
      assert.deepEqual(ids(selection.unusable), [unusable.evidence.id])
    })
  }

  it('treats a report about another digest the same way, unless the pack allows it', () => {
    const dirty = observed({ at: '2026-11-20T10:00:00.000Z' })
    const other = observed({ at: '2026-11-20T11:00:00.000Z', evidence: { statedDigests: [sha256Digest('another image')] } })
    const selection = select([dirty, other])
    assert.deepEqual([ids(selection.counted), ids(selection.unusable)], [[dirty.evidence.id], [other.evidence.id]])
    assert.deepEqual(ids(select([dirty, other], { allowMismatch: true }).counted), [other.evidence.id])
  })

  it('forgets an unusable report once a newer usable one is there', () => {
    const failed = observed({ at: '2026-11-20T10:00:00.000Z', evidence: { completeness: 'failed' } })
    const clean = observed({ at: '2026-11-20T11:00:00.000Z' })
    assert.deepEqual(ids(select([failed, clean]).unusable), [])
  })
})

describe('whose reports count', () => {
  it("does not see a report that belongs to another repository's token", () => {
    const dirty = observed({ observation: { repositories: ['acme/app'] } })
    const foreign = observed({ at: '2026-11-20T11:00:00.000Z', observation: { repositories: ['other/app'] } })
    assert.deepEqual(ids(select([dirty, foreign]).counted), [dirty.evidence.id])
  })

  it("counts every repository's newest report where the asker's repository is not known, so that none clears another's", () => {
    const dirty = observed({ observation: { repositories: ['acme/app'] } })
    const foreign = observed({ at: '2026-11-20T11:00:00.000Z', observation: { repositories: ['other/app'] } })
    assert.equal(select([dirty, foreign], {}, { repositories: null }).counted.length, 2)
  })

  it('lets what an unconfined submitter says count for every repository, each evidence once', () => {
    const dirty = [['acme/app'], ['other/app']].map((repositories) => observed({ observation: { repositories } }))
    const everywhere = observed({ at: '2026-11-20T11:00:00.000Z' })
    assert.deepEqual(ids(select([...dirty, everywhere], {}, { repositories: null }).counted), [everywhere.evidence.id])
  })

  it("takes a repository's token with and without its host for the same one", () => {
    const dirty = observed({ observation: { repositories: ['acme/app'] } })
    const clean = observed({ at: '2026-11-20T11:00:00.000Z', observation: { repositories: ['github.com/acme/app'] } })
    assert.deepEqual(ids(select([dirty, clean]).counted), [clean.evidence.id])
    const other = observed({ at: '2026-11-20T11:00:00.000Z', observation: { repositories: ['gitlab.com/acme/app'] } })
    const asker = { repositories: ['github.com/acme/app'] }
    assert.deepEqual(ids(select([dirty, other], {}, asker).counted), [dirty.evidence.id])
  })

  it('filters by submitter before it takes the newest', () => {
    const trusted = observed({ observation: { submitterName: 'scanner', submitterId: 'principal-scanner' } })
    const newer = observed({ at: '2026-11-20T11:00:00.000Z' })
    assert.deepEqual(ids(select([trusted, newer], { from: ['scanner'] }).counted), [trusted.evidence.id])
  })

  it('sees reports of another repository whose submitter is named, by name or by group', () => {
    const central = observed({ observation: { submitterName: 'scanner', submitterGroups: ['security'], repositories: ['central/scans'] } })
    assert.equal(select([central], { from: ['scanner'] }).counted.length, 1)
    assert.equal(select([central], { from: ['group:security'] }).counted.length, 1)
    assert.equal(select([central], { from: ['security'] }).counted.length, 0)
  })

  it("leaves out the asker's own reports where more trust is wanted", () => {
    const own = observed({ observation: { submitterId: CONTEXT.askerId } })
    assert.equal(select([own], { minTrust: 'submitter' }).counted.length, 0)
    assert.equal(select([own]).counted[0]?.trust, 'asker')
  })

  it('takes whoever issued a token for one who can use it: it is no second pair of eyes', () => {
    const byTokenOfAsker = observed({ observation: { submitterId: 'principal-scanner', issuerIds: [CONTEXT.askerId] } })
    const byIssuerOfAsker = observed({ observation: { submitterId: 'principal-ops', issuerIds: ['system'] } })
    // One administrator issues the tokens of all: that alone makes nobody the same.
    const byNeighbour = observed({ observation: { submitterId: 'principal-scanner', issuerIds: CONTEXT.askerIssuerIds } })
    const trust = [byTokenOfAsker, byIssuerOfAsker, byNeighbour].map((each) => select([each]).counted[0]?.trust)
    assert.deepEqual(trust, ['asker', 'asker', 'submitter'])
  })
})

describe('evidence of another repository than the one that is asked about', () => {
  const covers = (owner: string[] | null, context: Partial<SelectionContext>, rules: Partial<SelectionRules> = {}) =>
    select([observed({ observation: { repositories: owner } })], rules, { repositories: null, ...context }).counted.map(
      (item) => item.covers,
    )

  it('counts against the subject where the repository is only declared, but satisfies nothing', () => {
    assert.deepEqual(covers(['github.com/acme/other'], { repository: 'github.com/acme/app' }), [[]])
    assert.deepEqual(covers(['github.com/acme/app-evil'], { repository: 'acme/app' }), [[]])
    assert.deepEqual(covers(['acme/other'], { repository: 'acme/app', repositories: ['acme/*'] }), [[]])
  })

  it('satisfies if its submitter may speak for the repository, with a host or without', () => {
    for (const owner of [['acme/app'], ['github.com/acme/app'], ['acme/*'], null]) {
      assert.deepEqual(covers(owner, { repository: 'github.com/acme/app' }), [[SUBJECT]], String(owner))
    }
    assert.deepEqual(covers(['github.com/acme/app'], { repository: 'acme/app' }), [[SUBJECT]])
  })

  it('satisfies where nobody says whose the subject is, or the policy names the submitter', () => {
    assert.deepEqual(covers(['acme/other'], { repository: null }), [[SUBJECT]])
    assert.deepEqual(covers(['acme/other'], { repository: 'acme/app' }, { from: ['ci'] }), [[SUBJECT]])
  })
})

describe('evidence about what the subject is linked to', () => {
  it("counts a source's evidence over the link, and says which link", () => {
    const about = observed({ evidence: { subject: SOURCE } })
    assert.equal(select([about]).counted.length, 0)
    const [counted] = select([about], {}, {}, [link({})]).counted
    assert.deepEqual(counted?.link, { kind: 'source', proof: 'declared', subject: SOURCE })
  })

  it("does not let a clean report of one platform clear another's", () => {
    const platforms = [PLATFORM, sha256Digest('another platform')]
    const links = platforms.map((to) => link({ to, kind: 'platform', proof: 'index' }))
    const reports = platforms.map((subject) => observed({ evidence: { subject } }))
    assert.equal(select(reports, {}, {}, links).counted.length, 2)
  })

  it('never leads from one platform to its sibling', () => {
    const index = sha256Digest('the index')
    const sibling = sha256Digest('a sibling')
    const links = [SUBJECT, sibling].map((to) => link({ from: index, to, kind: 'platform', proof: 'index' }))
    assert.equal(select([observed({ evidence: { subject: sibling } })], {}, {}, links).counted.length, 0)
  })

  it('accepts a report that names a platform of the judged index as a match', () => {
    const report = observed({ evidence: { statedDigests: [PLATFORM] } })
    assert.equal(select([report]).counted.length, 0)
    assert.equal(select([report], {}, {}, [link({ to: PLATFORM, kind: 'platform', proof: 'index' })]).counted[0]?.match, 'match')
  })

  it('shows each source once, with its strongest proof', () => {
    const other = SOURCE.replace(/a{40}$/, 'b'.repeat(40))
    const links = [link({}), link({ proof: 'provenance' }), link({ to: other })]
    assert.deepEqual(sourcesOf(SUBJECT, links), [
      { id: SOURCE, proof: 'provenance', declaredBy: ['ci'] },
      { id: other, proof: 'declared', declaredBy: ['ci'] },
    ])
  })

  it("does not see a link that another repository's token declared", () => {
    const foreign = link({ repositories: ['other/app'] })
    assert.deepEqual(visibleLinks([foreign], CONTEXT), [])
    assert.deepEqual(visibleLinks([foreign], { ...CONTEXT, repositories: null }), [foreign])
    assert.deepEqual(visibleLinks([link({ ...foreign, proof: 'provenance' })], CONTEXT).length, 1)
  })

  it('lets a link declared by somebody whose word does not count bring findings in, but satisfy nothing', () => {
    const about = observed({ evidence: { subject: SOURCE }, observation: { submitterName: 'scanner' } })
    const covers = (links: Link[], rules: Partial<SelectionRules>) => select([about], rules, {}, links).counted.map((item) => item.covers)
    assert.deepEqual(covers([link({})], {}), [[SUBJECT]])
    assert.deepEqual(covers([link({})], { from: ['scanner'] }), [[]])
    assert.deepEqual(covers([link({}), link({ declaredBy: 'scanner' })], { from: ['scanner'] }), [[SUBJECT]])
    assert.deepEqual(covers([link({ declarerGroups: ['ci'] })], { from: ['scanner', 'group:ci'] }), [[SUBJECT]])
    assert.deepEqual(covers([link({})], { linkProof: 'provenance' }), [[]])
    assert.deepEqual(covers([link({}), link({ proof: 'provenance' })], { from: ['scanner'], linkProof: 'provenance' }), [[SUBJECT]])
  })
})

describe('the platforms of an index', () => {
  const judged = { subject: INDEX }
  const covers = (items: readonly ObservedEvidence[], subject = INDEX, classes: SelectionRules['classes'] = ['vulnerabilities']) =>
    select(items, { classes }, { subject }, PLATFORM_LINKS).counted.map((item) => item.covers)

  it('are covered one by one: by reports about their own digest, or about the index naming the platform', () => {
    assert.deepEqual(covers([observed({ evidence: { subject: AMD64 } })]), [[AMD64]])
    assert.deepEqual(covers([observed({ evidence: { subject: INDEX, platform: 'linux/arm64' } })]), [[ARM64]])
    assert.deepEqual(covers([observed({ evidence: { subject: INDEX, statedDigests: [ARM64] } })]), [[ARM64]])
  })

  it('are not covered by a report about the index that names no platform, or one that the index lacks', () => {
    assert.deepEqual(covers([observed({ evidence: { subject: INDEX } })]), [[]])
    assert.deepEqual(covers([observed({ evidence: { subject: INDEX, platform: 'linux/s390x' } })]), [[]])
  })

  it('are all covered by tests and coverage of the index, and by what its source shows', () => {
    assert.deepEqual(covers([observed({ scanned: ['tests'], evidence: { subject: INDEX } })], INDEX, ['tests']), [[AMD64, ARM64]])
    const source = observed({ evidence: { subject: SOURCE } })
    const links = [...PLATFORM_LINKS, link({ from: INDEX })]
    assert.deepEqual(select([source], {}, judged, links).counted[0]?.covers, [AMD64, ARM64])
  })

  it('are not covered by a report of another platform, posted under their digest', () => {
    const posted = (more: object) => select([observed({ evidence: { subject: ARM64, ...more } })], {}, { subject: ARM64 }, PLATFORM_LINKS)
    const other = posted({ statedDigests: [INDEX], platform: 'linux/amd64' })
    assert.deepEqual([other.counted.length, other.unusable[0]?.match], [0, 'mismatch'])
    assert.deepEqual(posted({ statedDigests: [INDEX], platform: 'linux/arm64' }).counted[0]?.covers, [ARM64])
    assert.deepEqual(posted({ statedDigests: [INDEX] }).counted[0]?.covers, [], 'it may be of any platform')
    assert.deepEqual(posted({ statedDigests: [INDEX, ARM64] }).counted[0]?.covers, [ARM64])
  })

  it("see of the index's reports those that name them or name none, but not those of a sibling", () => {
    const named = (platform: string | null) => observed({ evidence: { subject: INDEX, platform } })
    assert.deepEqual(covers([named('linux/amd64')], AMD64), [[AMD64]])
    assert.deepEqual(covers([named('linux/arm64')], AMD64), [])
    assert.deepEqual(covers([named(null)], AMD64), [[]])
  })

  it("never let one platform's clean report about the index replace another's dirty one", () => {
    const dirty = observed({ evidence: { subject: INDEX, platform: 'linux/amd64' } })
    const clean = observed({ at: '2026-11-20T11:00:00.000Z', evidence: { subject: INDEX, platform: 'linux/arm64' } })
    assert.deepEqual(covers([dirty, clean]).length, 2)
  })

  it('fall back to what is linked where the list itself is gone, and then only their own reports cover them', () => {
    const family = platformFamily(INDEX, PLATFORM_LINKS, new Map())
    assert.deepEqual(
      family.judged.map(({ id }) => id),
      [AMD64, ARM64],
    )
  })
})

describe('reports about parts of a subject', () => {
  const suite = (at: string, ...examined: string[]) =>
    observed({ at: `2026-11-20T${at}:00.000Z`, scanned: ['tests'], evidence: { examined, tool: { name: 'junit', version: null } } })
  const counted = (...items: ObservedEvidence[]) => ids(select(items, { classes: ['tests'] }).counted)

  it('count side by side while none examines the part of another again', () => {
    const [first, second] = [suite('10:00', 'login'), suite('11:00', 'payment')]
    assert.deepEqual(counted(first, second), [second.evidence.id, first.evidence.id])
  })

  it('are replaced by a newer one about the same parts, or one that speaks for all', () => {
    const failing = suite('10:00', 'login')
    const again = suite('11:00', 'login', 'payment')
    const whole = suite('12:00')
    assert.deepEqual(counted(failing, again), [again.evidence.id])
    assert.deepEqual(counted(failing, suite('09:00', 'payment'), whole), [whole.evidence.id])
  })

  it('stand where they are unusable until the same part is examined again', () => {
    const failed = suite('10:00', 'java')
    failed.evidence.completeness = 'failed'
    const unusable = (...items: ObservedEvidence[]) => ids(select(items, { classes: ['tests'] }).unusable)
    assert.deepEqual(unusable(failed, suite('11:00', 'js')), [failed.evidence.id])
    assert.deepEqual(unusable(failed, suite('11:00', 'js'), suite('12:00', 'java')), [])
    assert.deepEqual(unusable(failed, suite('11:00')), [])
    assert.deepEqual(unusable(suite('09:00', 'java'), failed), [failed.evidence.id])
  })

  it('are not replaced by one about a part where they speak for all', () => {
    const whole = suite('10:00')
    const part = suite('11:00', 'login')
    assert.deepEqual(counted(whole, part), [part.evidence.id, whole.evidence.id])
    const again = suite('12:00')
    assert.deepEqual(counted(whole, part, again), [again.evidence.id])
  })

  it('are not replaced by a newer one about some of their parts', () => {
    const both = suite('10:00', 'login', 'payment')
    const part = suite('11:00', 'login')
    assert.deepEqual(counted(both, part), [part.evidence.id, both.evidence.id])
  })

  it('shows what claims nothing to those alone who ask for its kind', () => {
    const document = observed({ evidence: { kind: 'json', format: 'json', summary: { scanned: [] } } })
    assert.deepEqual(ids(select([document], { classes: ['json'] }).counted), [document.evidence.id])
    assert.deepEqual(select([document], { classes: ['vulnerabilities', 'quality', 'tests'] }).counted, [])
  })
})
