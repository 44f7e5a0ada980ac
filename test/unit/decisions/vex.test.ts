import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { sha256Digest } from '../../../src/core/digest.ts'
import { VexOpinions, type TrustedVex } from '../../../src/decisions/vex.ts'
import type { VexProduct, VexStatement } from '../../../src/evidence/index.ts'
import { observed, SUBJECT, vulnerability } from '../../support/evidence.ts'

const RECEIVED = Date.parse('2026-11-20T12:00:00Z')
const OPENSSL = 'pkg:deb/debian/openssl@3.0.13?arch=amd64'
const FOUND = vulnerability('CVE-2026-1', 'critical', { aliases: ['GHSA-1'], purl: OPENSSL })

function product(stated: Partial<VexProduct> = {}): VexProduct {
  return { ids: [], digests: [SUBJECT], components: [], ...stated }
}

function says(status: VexStatement['status'], stated: Partial<VexStatement> = {}): VexStatement {
  return {
    vulnerability: ['CVE-2026-1'],
    status,
    document: null,
    justification: 'component_not_present',
    statement: null,
    at: null,
    products: [product()],
    ...stated,
  }
}

function by(author: string, statements: VexStatement[], more: Partial<TrustedVex> = {}): TrustedVex {
  const { evidence } = observed()
  return { evidence, statements, author, received: RECEIVED, trust: 'submitter', link: null, trustedForPackages: false, ...more }
}

function clears(documents: TrustedVex[], found = FOUND, examined: string = SUBJECT, indexes: string[] = []): boolean {
  return new VexOpinions(documents, SUBJECT, { indexes, related: [examined] }).clearanceOf(found, examined) !== undefined
}

describe('whether an author clears a finding', () => {
  it('takes not_affected and fixed, and nothing else', () => {
    const cleared = (['not_affected', 'fixed', 'under_investigation', 'affected'] as const).map((status) =>
      clears([by('vendor', [says(status)])]),
    )
    assert.deepEqual(cleared, [true, true, false, false])
  })

  it('matches ids and aliases of both sides exactly', () => {
    const clearsAs = (...ids: string[]) => clears([by('vendor', [says('fixed', { vulnerability: ids })])])
    assert.equal(clearsAs('GHSA-1'), true)
    assert.equal(clearsAs('CVE-2020-9', 'GHSA-1'), true)
    for (const other of ['cve-2026-1', 'CVE-2026-10', 'CVE-2026', '']) assert.equal(clearsAs(other), false, other)
  })

  it('needs the subject as product: by digest, as examined, or the index that it is a platform of', () => {
    const about = (digest: string) => [by('vendor', [says('fixed', { products: [product({ digests: [digest as never] })] })])]
    const [other, index] = [sha256Digest('another'), sha256Digest('index')]
    assert.equal(clears(about(other)), false)
    assert.equal(clears(about(other), FOUND, other), true)
    assert.equal(clears(about(index), FOUND, SUBJECT, [index]), true)
  })

  it("needs the component to be the finding's package, with every version and qualifier that is stated", () => {
    const inside = (...components: string[]) => clears([by('vendor', [says('fixed', { products: [product({ components })] })])])
    assert.equal(inside('pkg:deb/debian/openssl'), true)
    assert.equal(inside('pkg:deb/debian/openssl@3.0.13'), true)
    assert.equal(inside('pkg:npm/openssl', OPENSSL), true)
    for (const other of [
      'pkg:deb/debian/openssl@3.0.14',
      'pkg:deb/ubuntu/openssl',
      'pkg:deb/debian/openssl?arch=arm64',
      'openssl',
      'sha256:ab',
    ])
      assert.equal(inside(other), false, other)
    const nameless = vulnerability('CVE-2026-1', 'critical', { purl: null })
    assert.equal(clears([by('vendor', [says('fixed', { products: [product({ components: [OPENSSL] })] })])], nameless), false)
  })

  it('takes a package as product only from an author trusted for packages, and with its version', () => {
    const about = (id: string, trustedForPackages: boolean) =>
      clears([by('vendor', [says('fixed', { products: [product({ ids: [id], digests: [] })] })], { trustedForPackages })])
    assert.equal(about('pkg:deb/debian/openssl@3.0.13', true), true)
    assert.equal(about('pkg:deb/debian/openssl@3.0.13', false), false)
    assert.equal(about('pkg:deb/debian/openssl', true), false)
    assert.equal(about('pkg:deb/debian/openssl@3.0.12', true), false)
  })

  it("counts the newest of an author's statements, so that affected withdraws not_affected, under an alias too", () => {
    const old = says('not_affected', { at: '2026-11-18T00:00:00Z' })
    const withdrawn = says('affected', { at: '2026-11-19T00:00:00Z', vulnerability: ['GHSA-1'] })
    assert.equal(clears([by('vendor', [old, withdrawn])]), false)
    assert.equal(clears([by('vendor', [withdrawn]), by('vendor', [old])]), false)
    assert.equal(clears([by('vendor', [says('affected', { at: '2026-11-17T00:00:00Z' }), old])]), true)
  })

  it('counts the worse of two at the same time, and never one as later than its receipt', () => {
    assert.equal(clears([by('vendor', [says('not_affected'), says('affected')])]), false)
    const ahead = says('not_affected', { at: '2027-01-01T00:00:00Z' })
    assert.equal(clears([by('vendor', [ahead], { received: RECEIVED - 1 }), by('vendor', [says('affected')])]), false)
  })

  it('keeps what is said of one CVE of an advisory apart from the others: all of them must be cleared', () => {
    const advisory = vulnerability('RHSA-1', 'critical', { aliases: ['CVE-A', 'CVE-B'], purl: OPENSSL })
    const about = (id: string, status: VexStatement['status'], at: string | null = null) => says(status, { vulnerability: [id], at })
    assert.equal(clears([by('vendor', [about('CVE-A', 'not_affected')])], advisory), false)
    assert.equal(clears([by('vendor', [about('CVE-A', 'not_affected'), about('CVE-B', 'fixed')])], advisory), true)
    const affected = about('CVE-B', 'affected', '2026-11-19T00:00:00Z')
    const later = about('CVE-A', 'not_affected', '2026-11-20T00:00:00Z')
    assert.equal(clears([by('vendor', [affected, later])], advisory), false)
  })

  it('hears what an incomplete document says against, but not what it clears', () => {
    const incomplete = observed({ evidence: { completeness: 'partial' } }).evidence
    const cleared = by('vendor', [says('not_affected', { at: '2026-11-19T00:00:00Z' })])
    assert.equal(clears([cleared]), true)
    assert.equal(clears([cleared, by('vendor', [says('affected')], { evidence: incomplete })]), false)
    assert.equal(clears([by('vendor', [says('fixed')], { evidence: incomplete })]), false)
  })

  it('takes a package for affected from anyone who is trusted at all, whatever the version', () => {
    const cleared = by('vendor', [says('not_affected')])
    const products = [product({ ids: ['pkg:deb/debian/openssl'], digests: [] })]
    assert.equal(clears([cleared, by('security', [says('affected', { products })])]), false)
  })

  it('clears nothing where more is said than can be heard, and passes over what is about other artifacts', () => {
    const elsewhere = Array.from({ length: 2000 }, (_, at) =>
      says('fixed', { products: [product({ digests: [sha256Digest(`image ${at}`)] })] }),
    )
    assert.equal(clears([by('vendor', [...elsewhere, says('fixed')])]), true)
    assert.equal(
      clears([
        by(
          'vendor',
          Array.from({ length: 501 }, () => says('fixed')),
        ),
      ]),
      false,
    )
  })

  it('replaces a document by its newer version', () => {
    const version = (reportedAt: string, statement: VexStatement) =>
      by('vendor', [{ ...statement, document: 'vex-1' }], { evidence: observed({ evidence: { reportedAt } }).evidence })
    const first = version('2026-11-18T00:00:00Z', says('not_affected', { at: '2026-11-18T00:00:00Z' }))
    const second = version('2026-11-19T00:00:00Z', says('affected', { at: '2026-11-01T00:00:00Z' }))
    const without = version('2026-11-19T00:00:00Z', says('not_affected', { vulnerability: ['CVE-2026-9'] }))
    assert.equal(clears([first]), true)
    assert.equal(clears([first, second]), false)
    assert.equal(clears([without, first]), false)
    assert.equal(clears([first, { ...without, author: 'another' }]), true)
  })

  it('clears nothing that another trusted author calls affected', () => {
    assert.equal(clears([by('vendor', [says('fixed')]), by('security', [says('affected', { at: '2020-01-01T00:00:00Z' })])]), false)
    assert.equal(clears([by('vendor', [says('fixed')]), by('security', [says('under_investigation')])]), true)
  })
})
