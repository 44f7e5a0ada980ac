import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { jsonFixture, read, readDocument, refusal } from '../reading.ts'

const APP = `pkg:oci/app@sha256%3A${'a'.repeat(64)}?repository_url=registry.example.com`

interface Changeable {
  document: { category: string; tracking: { status: string } }
  product_tree: { full_product_names: unknown[] }
  vulnerabilities: Record<string, unknown>[]
}

function changed(change: (document: Changeable) => void) {
  const document = structuredClone(jsonFixture('csaf/vex.json'))
  change(document as unknown as Changeable)
  return document
}

describe('the CSAF VEX parser', () => {
  it('reads what is said about which product, parts of products included', () => {
    const report = read('csaf/vex.json')
    assert.deepEqual([report.scanned, report.completeness, report.reportedAt], [['vex'], 'complete', '2026-03-02T10:00:00Z'])
    const [part, affected, fixed] = report.vex ?? []
    assert.deepEqual(part, {
      document: 'example-2026-1',
      vulnerability: ['CVE-2026-1000', 'GHSA-aaaa-bbbb-cccc'],
      status: 'not_affected',
      justification: 'vulnerable_code_not_in_execute_path',
      statement: 'TLS ends at the proxy.',
      at: '2026-03-02T10:00:00Z',
      products: [{ ids: [APP], digests: [`sha256:${'a'.repeat(64)}`], components: ['pkg:deb/debian/openssl@3.0.13'] }],
    })
    assert.deepEqual([affected?.status, affected?.products[0]?.digests], ['affected', [`sha256:${'d'.repeat(64)}`]])
    assert.deepEqual([fixed?.status, fixed?.products[0]?.components], ['fixed', []])
  })

  it('lets no draft count, nor a claim without its reason', () => {
    const draft = changed(({ document }) => {
      document.tracking.status = 'draft'
    })
    assert.equal(readDocument(draft).completeness, 'partial')
    const unreasoned = changed(({ vulnerabilities }) => {
      delete vulnerabilities[0]?.['flags']
      delete vulnerabilities[0]?.['threats']
    })
    assert.equal(readDocument(unreasoned).completeness, 'partial')
  })

  it('refuses a product that its tree lacks or defines twice, and other categories', () => {
    const unknown = changed(({ vulnerabilities }) => {
      for (const item of vulnerabilities) item['product_status'] = { fixed: ['NOWHERE'] }
    })
    assert.equal(refusal(unknown), 'report_malformed')
    const twice = changed(({ product_tree: tree }) => {
      tree.full_product_names.push(tree.full_product_names[0])
    })
    assert.equal(refusal(twice), 'report_malformed')
    const advisory = changed(({ document }) => {
      document.category = 'csaf_security_advisory'
    })
    assert.equal(refusal(advisory, 'csaf'), 'report_wrong_format')
  })
})
