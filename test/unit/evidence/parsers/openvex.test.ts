import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { jsonFixture, read, readDocument, refusal } from '../reading.ts'

const [A, B] = ['a', 'b'].map((digit) => `sha256:${digit.repeat(64)}`)

function statement(more: Record<string, unknown>) {
  const { statements: _, ...document } = jsonFixture('openvex/v0.2.0.json')
  const one = { vulnerability: { name: 'CVE-2026-1' }, products: [{ '@id': 'pkg:npm/a@1' }], status: 'fixed', ...more }
  return readDocument({ ...document, statements: [one] })
}

describe('the OpenVEX parser', () => {
  it('reads what is said about which product, and when', () => {
    const report = read('openvex/v0.2.0.json')
    assert.deepEqual([report.scanned, report.completeness, report.findings], [['vex'], 'complete', []])
    assert.equal(report.reportedAt, '2026-03-02T10:00:00+01:00')
    const [first, second, third] = report.vex ?? []
    assert.deepEqual(first, {
      document: 'https://vex.example.com/2027-1',
      vulnerability: ['CVE-2026-1000', 'GHSA-aaaa-bbbb-cccc'],
      status: 'not_affected',
      justification: 'vulnerable_code_not_in_execute_path',
      statement: 'TLS ends at the proxy.',
      at: '2026-03-02T10:00:00+01:00',
      products: [
        {
          ids: [`pkg:oci/app@sha256%3A${'a'.repeat(64)}?repository_url=registry.example.com/app`],
          digests: [A],
          components: ['pkg:deb/debian/openssl@3.0.13'],
        },
      ],
    })
    assert.deepEqual([second?.status, second?.at, second?.products[0]?.digests], ['affected', '2026-03-01T12:00:00Z', [B]])
    assert.deepEqual(third?.products[0], { ids: [`git+https://git.example.com/acme/app@${'c'.repeat(40)}`], digests: [], components: [] })
  })

  it('reads the older form, in which subcomponents belong to all products', () => {
    const [only] = read('openvex/v0.0.1.json').vex ?? []
    assert.deepEqual(only?.vulnerability, ['CVE-2025-1'])
    assert.deepEqual(only?.products, [{ ids: ['pkg:apk/wolfi/git@2.38.1-r0'], digests: [], components: ['pkg:apk/wolfi/pcre2@10.42-r0'] }])
  })

  it('lets nothing of a document count in which a statement means nothing', () => {
    for (const more of [{ status: 'not_affected' }, { products: [] }, { vulnerability: { name: '' } }, { vulnerability: undefined }])
      assert.equal(statement(more).completeness, 'partial', JSON.stringify(more))
    assert.equal(statement({ status: 'not_affected', impact_statement: 'why' }).completeness, 'complete')
    assert.equal(statement({}).completeness, 'complete')
  })

  it('refuses what it can not understand rather than to widen it', () => {
    const { statements: _, ...document } = jsonFixture('openvex/v0.2.0.json')
    const about = (more: Record<string, unknown>) =>
      refusal({ ...document, statements: [{ vulnerability: 'CVE-1', status: 'fixed', products: ['pkg:npm/a@1'], ...more }] })
    assert.equal(about({}), 'read')
    assert.equal(about({ status: 'harmless' }), 'report_malformed')
    assert.equal(about({ products: { '@id': 'pkg:npm/a@1' } }), 'report_malformed')
    assert.equal(about({ products: [{ '@id': 'pkg:npm/a@1', subcomponents: [{}] }] }), 'report_malformed')
    assert.equal(about({ products: [{}] }), 'report_malformed')
    assert.equal(refusal({ ...document, '@context': 'https://openvex.dev/nsx' }, 'openvex'), 'report_wrong_format')
    assert.equal(readDocument({ ...document, statements: [] }).completeness, 'empty')
  })
})
