import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { firstSeenKey } from '../../../src/evidence/index.ts'
import { finding } from '../../../src/evidence/parsers/report.ts'
import type { Finding } from '../../../src/evidence/model.ts'
import { timed } from '../../support/cpu-time.ts'

function key(stated: Partial<Finding>): string {
  return firstSeenKey(finding({ class: 'sast', id: 'R1', severity: 'high', ...stated }))
}

describe('what makes two findings the same over time', () => {
  it('is not the version of the package, nor its qualifiers', () => {
    assert.equal(key({ purl: 'pkg:deb/debian/openssl@3.0.13?arch=amd64' }), key({ purl: 'pkg:deb/debian/openssl@3.0.14' }))
    assert.notEqual(key({ purl: 'pkg:deb/debian/openssl@3.0.13' }), key({ purl: 'pkg:deb/debian/libssl3@3.0.13' }))
  })

  it('is the whole name of a package in an npm scope, escaped or not', () => {
    for (const scope of ['@acme', '%40acme']) {
      assert.equal(key({ purl: `pkg:npm/${scope}/cart@1.0.0` }), key({ purl: `pkg:npm/${scope}/cart@1.0.1` }))
      assert.notEqual(key({ purl: `pkg:npm/${scope}/cart@1.0.0` }), key({ purl: `pkg:npm/${scope}/till@1.0.0` }))
      assert.notEqual(key({ purl: `pkg:npm/${scope}/cart` }), key({ purl: `pkg:npm/${scope}/till` }))
    }
  })

  it('is the place where there is no package, without line and column', () => {
    assert.equal(key({ location: 'src/a.ts:12' }), key({ location: 'src/a.ts:14' }))
    assert.equal(key({ location: 'src/a.ts:12:7' }), key({ location: 'src/a.ts:14:1' }))
    assert.equal(key({ location: 'file:///src/a.ts:12' }), key({ location: 'file:///src/a.ts' }))
    assert.notEqual(key({ location: 'src/a.ts:12' }), key({ location: 'src/b.ts:12' }))
  })

  it('keeps the commit beside a line, and the port of an address', () => {
    const leak = (line: number, commit: string) => key({ location: `a.env:${line} at ${commit.repeat(40)}` })
    assert.equal(leak(1, 'a'), leak(2, 'a'))
    assert.notEqual(leak(1, 'a'), leak(1, 'b'))
    assert.notEqual(key({ location: 'GET https://shop.example:8080' }), key({ location: 'GET https://shop.example:8443' }))
    assert.equal(key({ location: 'https://shop.example:8080/a:3' }), key({ location: 'https://shop.example:8080/a:4' }))
  })

  it('is found in hostile places without delay', () => {
    const places = [`:${'1'.repeat(1e6)}x`, ':1'.repeat(5e5), `${'://'.repeat(3e5)}:1`, ':1 at '.repeat(2e5)]
    const { cpuMs } = timed(() => places.forEach((location) => key({ location })))
    assert.ok(cpuMs < 5000, `it took ${cpuMs} ms`)
  })
})
