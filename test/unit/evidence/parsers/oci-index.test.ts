import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { sha256Digest } from '../../../../src/core/digest.ts'
import { summarise } from '../../../../src/evidence/summary.ts'
import { fixture, jsonFixture, read, readDocument, refusal } from '../reading.ts'

const [DIGEST_A, DIGEST_B] = ['a', 'b'].map((digit) => `sha256:${digit.repeat(64)}`)

describe('the image index parser', () => {
  it('names the digest of its own bytes, and the platforms, of which attestations are none', () => {
    const report = read('oci-index/index.json')
    assert.deepEqual(report.statedDigests, [sha256Digest(fixture('oci-index/index.json'))])
    assert.deepEqual(report.manifests, [
      { digest: DIGEST_A, platform: 'linux/amd64' },
      { digest: DIGEST_B, platform: 'linux/arm64/v8' },
    ])
    assert.deepEqual(summarise(report), { scanned: ['index'] })
  })

  it('reads a Docker manifest list, and an OCI index that states no media type', () => {
    assert.equal(read('oci-index/manifest-list.json').manifests?.[0]?.platform, 'windows/amd64')
    const { mediaType, ...index } = jsonFixture('oci-index/index.json')
    assert.ok(mediaType)
    assert.equal(readDocument(index).manifests?.length, 2)
  })

  it('takes an entry that a runtime could choose for a platform, whatever its annotations say', () => {
    const annotations = { 'vnd.docker.reference.type': 'attestation-manifest' }
    const listed = (platform: unknown) =>
      readDocument({ schemaVersion: 2, manifests: [{ digest: DIGEST_A, platform, annotations }] }).manifests
    assert.deepEqual(listed({ os: 'linux', architecture: 'amd64' }), [{ digest: DIGEST_A, platform: 'linux/amd64' }])
    assert.deepEqual(listed(undefined), [{ digest: DIGEST_A, platform: null }])
  })

  it('refuses an index inside an index: its platforms would pass unseen', () => {
    const nested = { mediaType: 'application/vnd.oci.image.index.v1+json', digest: DIGEST_A }
    assert.equal(refusal({ schemaVersion: 2, manifests: [nested] }), 'report_malformed')
  })

  it('reads an index of nothing as empty', () => {
    assert.equal(read('oci-index/empty.json').completeness, 'empty')
  })

  it('refuses anything that is not an index', () => {
    assert.equal(refusal(fixture('oci-index/image-manifest.json')), 'report_format_unknown')
    assert.equal(refusal(fixture('oci-index/image-manifest.json'), 'oci-index'), 'report_wrong_format')
    assert.equal(refusal({ schemaVersion: 2 }, 'oci-index'), 'report_wrong_format')
    assert.equal(refusal({ schemaVersion: 2, manifests: {} }, 'oci-index'), 'report_wrong_format')
    assert.equal(refusal({ schemaVersion: 1, manifests: [] }, 'oci-index'), 'report_wrong_format')
    assert.equal(refusal([], 'oci-index'), 'report_wrong_format')
  })

  it('refuses a document that clients could read in two ways', () => {
    const index = jsonFixture('oci-index/index.json')
    assert.equal(refusal({ ...index, layers: [] }), 'report_malformed')
    assert.equal(refusal({ ...index, config: {} }), 'report_malformed')
    assert.equal(refusal({ ...index, Manifests: [] }), 'report_malformed')
  })

  it('refuses manifests that it cannot name, and too many of them', () => {
    const index = jsonFixture('oci-index/index.json')
    for (const manifest of [{}, { digest: 'sha256:short' }, { digest: `sha512:${'a'.repeat(128)}` }, 'stray'])
      assert.equal(refusal({ ...index, manifests: [manifest] }), 'report_malformed', JSON.stringify(manifest))
    assert.equal(refusal({ ...index, manifests: Array.from({ length: 10_001 }, () => ({ digest: DIGEST_A })) }), 'report_too_complex')
  })
})
