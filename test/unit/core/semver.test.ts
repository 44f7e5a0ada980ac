import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { compareSemver } from '../../../src/core/semver.ts'

describe('the order of semantic versions', () => {
  it('is that of the specification', () => {
    const ascending = [
      '0',
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-alpha.beta',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0-rc.1',
      '1.0.0',
      '1.2',
    ]
    for (const [index, version] of ascending.entries())
      for (const [other, later] of ascending.entries())
        assert.equal(Math.sign(compareSemver(version, later) ?? Number.NaN), Math.sign(index - other), `${version} and ${later}`)
  })

  it('knows Go’s ways of writing them', () => {
    assert.equal(compareSemver('v1.2.3', '1.2.3+incompatible'), 0)
    assert.ok((compareSemver('1.26.0-0', '1.26.0-rc.1') ?? 0) < 0)
    assert.ok((compareSemver('v0.0.0-20260101000000-0123456789ab', 'v0.0.0-20251231235959-ffffffffffff') ?? 0) > 0)
    assert.ok((compareSemver('v1.99999999999999999999.0', 'v1.99999999999999999998.0') ?? 0) > 0)
  })

  it('is unknown for anything else', () => {
    for (const text of ['', '(devel)', 'latest', '1.2.3.4', '1.2.3-', 'v']) {
      assert.equal(compareSemver(text, '1.0.0'), undefined, text)
      assert.equal(compareSemver('1.0.0', text), undefined, text)
    }
  })
})
