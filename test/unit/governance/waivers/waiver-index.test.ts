import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { WaiverIndex, type WaivableFinding, type WaiverPlace } from '../../../../src/governance/waivers/waiver-index.ts'
import type { Waiver, WaiverScope } from '../../../../src/governance/waivers/waiver.ts'

const RULE = 'vulnerabilities.max_severity'
const SUBJECT = `sha256:${'a'.repeat(64)}`
const AT = Date.parse('2026-11-21T00:00:00Z')
const PLACE: WaiverPlace = { subject: SUBJECT, stage: 'production', environment: 'eu', repository: 'github.com/acme/cart', at: AT }
const FOUND: WaivableFinding = { id: 'CVE-2026-1', aliases: [], purl: 'pkg:npm/%40acme/left-pad@1.4.0', version: '1.4.0' }

let count = 0
function waiver(scope: Partial<WaiverScope> = {}, expiresAt = '2026-12-01T00:00:00.000Z'): Waiver {
  const nowhere = { vulnerability: null, purl: null, subject: null, repository: null, environment: null, stage: null }
  const ann = { id: 'ann', name: 'ann', owners: [], person: 'declared' } as const
  return {
    ...{
      id: `w${String(++count).padStart(6, '0')}`,
      scope: { rule: RULE, ...nowhere, ...scope },
      reason: 'x',
      expiresAt,
      state: 'approved',
    },
    ...{
      requestedBy: ann,
      requestedAt: '2026-11-01T00:00:00.000Z',
      approvalsNeeded: 1,
      approvals: [],
      approvedAt: '2026-11-02T00:00:00.000Z',
    },
    ...{ rejected: null, revoked: null },
  }
}

function takes(scope: Partial<WaiverScope>, found: Partial<WaivableFinding> = {}, place: Partial<WaiverPlace> = {}): boolean {
  return new WaiverIndex([waiver(scope)]).forFinding(RULE, { ...FOUND, ...found }, { ...PLACE, ...place }) !== undefined
}

function letsPass(scope: Partial<WaiverScope>, place: Partial<WaiverPlace> = {}): boolean {
  return new WaiverIndex([waiver(scope)]).forViolation(RULE, { ...PLACE, ...place }) !== undefined
}

describe('A waiver', () => {
  it('takes out what it names, of its rule alone', () => {
    assert.equal(takes({}), true)
    assert.equal(takes({ rule: 'vulnerabilities.grace_period' }), false)
    const index = new WaiverIndex([waiver()])
    assert.deepEqual([index.names(RULE), index.names('vulnerabilities.max')], [true, false])
  })

  it('names a finding by its id or an alias, in the letter case of the report', () => {
    assert.equal(takes({ vulnerability: 'CVE-2026-1' }), true)
    for (const vulnerability of ['CVE-2026-11', 'CVE-2026', 'cve-2026-1', 'GHSA-1'])
      assert.equal(takes({ vulnerability }), false, vulnerability)
    const advisory = { id: 'GHSA-1', aliases: ['CVE-2026-1'] }
    assert.equal(takes({ vulnerability: 'CVE-2026-1' }, advisory), true)
    assert.equal(takes({ vulnerability: 'GHSA-1' }, advisory), true)
  })

  it('takes out no advisory that is about another vulnerability as well', () => {
    assert.equal(takes({ vulnerability: 'CVE-2026-1' }, { id: 'GHSA-1', aliases: ['CVE-2026-1', 'CVE-2026-2'] }), false)
    assert.equal(takes({ vulnerability: 'CVE-2026-1' }, { id: 'CVE-2026-9', aliases: ['CVE-2026-1'] }), false)
  })

  it('names a package, whatever its version, or exactly one, or a range', () => {
    const table: [purl: string, fits: boolean][] = [
      ['pkg:npm/%40acme/left-pad', true],
      ['pkg:npm/@acme/left-pad', true],
      ['pkg:NPM/%40Acme/Left-Pad', true],
      ['pkg:npm/%40acme/left-pad@1.4.0', true],
      ['pkg:npm/%40acme/left-pad@1.4', false],
      ['pkg:npm/left-pad', false],
      ['pkg:npm/%40acme/left', false],
      ['pkg:npm/..%2f%40acme/left-pad', false],
      ['pkg:npm/%2e%2e/%40acme/left-pad', false],
      ['pkg:npm/%2540acme/left-pad', false],
      ['pkg:npm/%40acme/left-pad?vers=vers:npm/>=1.0.0|<1.5.0', true],
      ['pkg:npm/%40acme/left-pad?vers=vers:npm/<1.4.0', false],
      ['pkg:npm/%40acme/left-pad?arch=amd64', false],
    ]
    for (const [purl, fits] of table) assert.equal(takes({ purl }), fits, purl)
    assert.equal(takes({ purl: 'pkg:npm/%40acme/left-pad' }, { purl: null }), false)
    assert.equal(
      takes({ purl: 'pkg:npm/x?vers=vers:npm/<2.0.0' }, { purl: 'pkg:npm/x', version: null }),
      false,
      'no version is in no range',
    )
    assert.equal(takes({ purl: 'pkg:npm/x?vers=vers:npm/<2.0.0' }, { purl: 'pkg:npm/x', version: '1.0.0' }), true)
    assert.equal(takes({ vulnerability: 'CVE-2026-1', purl: 'pkg:npm/other' }), false, 'all that is said has to fit')
  })

  it('applies where it says, by exact names', () => {
    const scope = { subject: SUBJECT, stage: 'production', environment: 'eu', repository: 'github.com/acme/cart' }
    assert.equal(takes(scope), true)
    for (const place of [
      { subject: `sha256:${'b'.repeat(64)}` },
      { stage: 'Production' },
      { environment: 'us' },
      { repository: 'github.com/acme/till' },
    ]) {
      assert.equal(takes(scope, {}, place), false, JSON.stringify(place))
      assert.equal(letsPass(scope, place), false, JSON.stringify(place))
    }
    assert.equal(takes({ repository: 'github.com/acme/*' }), true)
    assert.equal(takes({ repository: 'acme/cart' }), true, 'without a host it is of any host')
    assert.equal(takes({ repository: 'github.com/acme/cart' }, {}, { repository: null }), false, 'nobody proved a repository')
  })

  it('counts until the very instant of its end', () => {
    const end = Date.parse('2026-12-01T00:00:00Z')
    assert.deepEqual([takes({}, {}, { at: end - 1 }), takes({}, {}, { at: end })], [true, false])
  })

  it('that names a vulnerability or a package lets nothing pass that rests on no finding', () => {
    assert.equal(letsPass({}), true)
    assert.equal(letsPass({ vulnerability: 'CVE-2026-1' }), false)
    assert.equal(letsPass({ purl: 'pkg:npm/%40acme/left-pad' }), false)
  })

  it('of several is the one that ends last', () => {
    const [early, late] = [waiver({}, '2026-11-25T00:00:00.000Z'), waiver({ vulnerability: 'CVE-2026-1' })]
    assert.equal(new WaiverIndex([early, late]).forFinding(RULE, FOUND, PLACE)?.id, late.id)
    assert.equal(new WaiverIndex([late, waiver(), early]).forFinding(RULE, FOUND, PLACE)?.id, late.id, 'the older one if they end together')
  })
})

describe('Ten thousand waivers', () => {
  it('are not walked through for each finding', () => {
    const waivers = Array.from({ length: 10_000 }, (_, at) =>
      waiver({ repository: `github.com/acme/service-${at}`, vulnerability: `CVE-2026-${at % 100}` }),
    )
    let read = 0
    const counted = waivers.map((each) => ({
      ...each,
      get scope() {
        read += 1
        return each.scope
      },
    }))
    const index = new WaiverIndex(counted)
    read = 0
    for (let at = 0; at < 1000; at += 1) index.forFinding(RULE, { ...FOUND, id: `CVE-2026-${at % 200}` }, PLACE)
    assert.equal(read, 0, 'those of other repositories are not looked at')
    assert.notEqual(
      index.forFinding(RULE, { ...FOUND, id: 'CVE-2026-42' }, { ...PLACE, repository: 'github.com/acme/service-142' }),
      undefined,
    )
    assert.ok(read < 10, `${read}`)
  })
})
