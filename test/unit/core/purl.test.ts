import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { isSamePackage, parsePurl } from '../../../src/core/purl.ts'

function parts(text: string): unknown[] | undefined {
  const purl = parsePurl(text)
  return purl && [purl.type, purl.namespace, purl.name, purl.version, Object.fromEntries(purl.qualifiers)]
}

function purlOf(text: string) {
  const purl = parsePurl(text)
  assert.ok(purl)
  return purl
}

describe('package URLs', () => {
  it('are read in all their parts', () => {
    assert.deepEqual(parts('pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64&distro=debian-12#usr/bin'), [
      ...['deb', 'debian', 'attr', '1:2.4.47-2+b1'],
      { arch: 'amd64', distro: 'debian-12' },
    ])
    assert.deepEqual(parts('pkg:maven/org.apache/commons@1.0'), ['maven', 'org.apache', 'commons', '1.0', {}])
    assert.deepEqual(parts(`pkg:oci/app@sha256%3A${'a'.repeat(64)}?repository_url=ghcr.io/acme/app`), [
      ...['oci', '', 'app', `sha256:${'a'.repeat(64)}`],
      { repository_url: 'ghcr.io/acme/app' },
    ])
  })

  it('keep the scope of npm apart from the version, encoded or not', () => {
    for (const text of ['pkg:npm/%40angular/core@1.2.3', 'pkg:npm/@angular/core@1.2.3', 'PKG://npm/@angular/core@1.2.3'])
      assert.deepEqual(parts(text), ['npm', '@angular', 'core', '1.2.3', {}])
    assert.deepEqual(parts('pkg:npm/@angular/core'), ['npm', '@angular', 'core', null, {}])
  })

  it('fold letter case only where the type does', () => {
    assert.equal(parsePurl('pkg:PyPI/My_Package@1')?.name, 'my-package')
    assert.equal(parsePurl('pkg:golang/GitHub.com/Acme/Lib@v1')?.namespace, 'github.com/acme')
    assert.equal(parsePurl('pkg:maven/Org/Name@1')?.name, 'Name')
  })

  it('are refused where there is none', () => {
    for (const text of ['', 'pkg:', 'pkg:npm', 'pkg:npm/', 'npm/a@1', 'pkg:9npm/a', `pkg:npm/${'a'.repeat(5000)}`])
      assert.equal(parsePurl(text), undefined, text.slice(0, 40))
    assert.equal(parsePurl('pkg:npm/%zz@1')?.name, '%zz')
  })

  it('name the same package whatever the version', () => {
    const same = (a: string, b: string) => isSamePackage(purlOf(a), purlOf(b))
    assert.equal(same('pkg:npm/a@1', 'pkg:npm/a@2?x=y'), true)
    assert.equal(same('pkg:npm/a@1', 'pkg:npm/@s/a@1'), false)
    assert.equal(same('pkg:npm/a@1', 'pkg:pypi/a@1'), false)
  })
})
