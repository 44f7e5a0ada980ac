import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { packageUrl } from '../../../../src/evidence/parsers/package-url.ts'
import { purlParts } from '../../../../src/evidence/parsers/purl-parts.ts'

describe('a package URL made from a name', () => {
  it('writes each ecosystem’s names as the specification has them', () => {
    assert.equal(packageUrl('npm', '@scope/Name', '1.0.0'), 'pkg:npm/%40scope/Name@1.0.0')
    assert.equal(packageUrl('maven', 'org.example:parser', '2.1'), 'pkg:maven/org.example/parser@2.1')
    assert.equal(packageUrl('pypi', 'Web_Kit', '1.0+local'), 'pkg:pypi/web-kit@1.0%2Blocal')
    assert.equal(packageUrl('golang', 'example.com/Net', null), 'pkg:golang/example.com/net')
    assert.equal(packageUrl('composer', 'Vendor/Name', '1'), 'pkg:composer/vendor/name@1')
    assert.equal(packageUrl('gem', 'rack', null), 'pkg:gem/rack')
    assert.equal(packageUrl('npm', null, '1.0.0'), null)
  })

  it('is read back as it was made', () => {
    assert.deepEqual(purlParts(packageUrl('maven', 'org.example:parser', '2.1') ?? ''), { name: 'org.example:parser', version: '2.1' })
    assert.deepEqual(purlParts(packageUrl('npm', '@a/b?c#d', '1@2') ?? ''), { name: '@a/b?c#d', version: '1@2' })
  })
})
