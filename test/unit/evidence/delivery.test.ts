import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'

import fc from 'fast-check'

import { isAppError } from '../../../src/core/app-error.ts'
import { MAX_FILES, pathWithoutExtension, readDelivery } from '../../../src/evidence/delivery.ts'
import { gnuName, pax, tar, tarWithoutEnd } from '../../support/tar.ts'

/** Paths and contents. */
function files(archive: Uint8Array): Record<string, string> {
  return Object.fromEntries(readDelivery(archive).map(({ path, bytes }) => [path, Buffer.from(bytes).toString('utf8')]))
}

function refusal(archive: Uint8Array): [code: string, field: string | undefined] | 'read' {
  try {
    readDelivery(archive)
    return 'read'
  } catch (error) {
    if (isAppError(error)) return [error.code, error.field]
    throw error
  }
}

const TWO = [
  ['reports/a.json', '{"a":1}'],
  ['reports/b.xml', 'x'.repeat(600)],
] as const

describe('reading a delivery, a tar archive', () => {
  it('gives its files by their paths, without directories', () => {
    assert.deepEqual(files(tar({ path: './', type: '5' }, { path: 'reports/', type: '5' }, ...TWO)), {
      'reports/a.json': '{"a":1}',
      'reports/b.xml': 'x'.repeat(600),
    })
    assert.deepEqual(files(tar(['./reports//./a.json', 'a'])), { 'reports/a.json': 'a' })
  })

  it('knows files by the flags of old writers, and their directories by the slash', () => {
    const old = { type: '\0', magic: '' }
    assert.deepEqual(files(tar({ path: 'd/', ...old }, { path: 'd/a', content: 'a', ...old }, { path: 'b', content: 'b', type: '7' })), {
      'd/a': 'a',
      b: 'b',
    })
  })

  it('reads long paths as ustar, pax and GNU write them', () => {
    const long = `${'d'.repeat(120)}/${'f'.repeat(120)}.json`
    assert.deepEqual(Object.keys(files(tar({ path: 'f.json', content: '1', prefix: 'a/b' }))), ['a/b/f.json'])
    assert.deepEqual(Object.keys(files(tar(pax({ mtime: '1.5', path: long }), [long.slice(0, 100), '1'], ['b', '2']))), [long, 'b'])
    assert.deepEqual(Object.keys(files(tar(gnuName(long), [long.slice(0, 100), '1'], ['b', '2']))), [long, 'b'])
    assert.deepEqual(Object.keys(files(tar({ path: 'f', content: '1', prefix: '\x01\x02', magic: 'ustar  \0' }))), ['f'])
    assert.deepEqual(files(tar(pax({ size: '3' }), { path: 'a', content: 'abc', size: 3 })), { a: 'abc' })
    assert.deepEqual(files(tar(pax({ comment: 'a commit' }, 'g'), ['ä.json', '1'])), { 'ä.json': '1' })
  })

  it('refuses one that was cut off, at any byte before its end', () => {
    const whole = tar(...TWO)
    const end = tarWithoutEnd(...TWO).length + 512
    for (let length = 0; length < end; length++)
      assert.deepEqual(refusal(whole.subarray(0, length)), ['delivery_malformed', 'body'], `${length}`)
    assert.equal(refusal(whole.subarray(0, end)), 'read')
    assert.deepEqual(refusal(tar(['a', '1'], pax({ path: 'b' }))), ['delivery_malformed', 'body'])
  })

  it('refuses one that goes on behind its end, and one that claims more than there is', () => {
    assert.deepEqual(refusal(Buffer.concat([tar(['a', '1']), tar(['b', '2'])])), ['delivery_malformed', 'body'])
    assert.equal(refusal(Buffer.concat([tar(['a', '1']), Buffer.alloc(9216)])), 'read')
    assert.deepEqual(refusal(tar({ path: 'a', content: '1', size: 8 ** 11 - 1 })), ['delivery_malformed', 'body'])
    assert.deepEqual(refusal(tar(pax({ size: '999999999999999' }), ['a', '1'])), ['delivery_malformed', 'body'])
    assert.deepEqual(refusal(tar(pax({ size: '-1' }), ['a', '1'])), ['delivery_malformed', 'body'])
  })

  it('refuses links, devices and what is stored in other ways, and names the entry', () => {
    for (const type of ['1', '2', '3', '4', '6', 'K', 'S', 'M', 'Z']) {
      assert.deepEqual(refusal(tar(['a', '1'], { path: 'reports/link', type })), ['delivery_entry_refused', 'reports/link'], type)
    }
    assert.deepEqual(refusal(tar(pax({ 'GNU.sparse.major': '1' }), ['a', '1']))[0], 'delivery_entry_refused')
    assert.deepEqual(refusal(tar(pax({ path: 'b' }, 'g'), ['a', '1']))[0], 'delivery_entry_refused')
  })

  it('refuses paths that lead out of the archive, however they are written, and directories of such', () => {
    for (const path of ['/etc/passwd', '../a', 'a/../../b', 'a/..', '..', 'C:/a', 'a\\..\\b', 'a\nb', 'a\u202eb', '']) {
      assert.equal(refusal(tar([path, '1']))[0], 'delivery_entry_refused', path)
      assert.equal(refusal(tar(pax({ path }), ['a', '1']))[0], 'delivery_entry_refused', path)
    }
    assert.equal(refusal(tar({ path: '../d/', type: '5' }, ['a', '1']))[0], 'delivery_entry_refused')
    assert.equal(refusal(tar(['.', '1']))[0], 'delivery_entry_refused')
    assert.equal(refusal(tar({ path: 'a\xff', content: '1' }, gnuName('\u{d800}'), ['b', '1']))[0], 'delivery_entry_refused')
  })

  it('refuses the same path twice, too many files or entries, and none at all', () => {
    assert.deepEqual(refusal(tar(['a', '1'], ['./a', '2'])), ['delivery_entry_refused', 'a'])
    const many = Array.from({ length: MAX_FILES }, (_, at) => [`${at}`, '1'] as const)
    assert.equal(readDelivery(tar(...many)).length, MAX_FILES)
    assert.deepEqual(refusal(tar(...many, ['one more', '1'])), ['delivery_too_many', 'body'])
    assert.deepEqual(refusal(tar(...Array.from({ length: 5_001 }, () => ({ path: 'd/', type: '5' })))), ['delivery_too_many', 'body'])
    assert.deepEqual(refusal(tar({ path: 'd/', type: '5' })), ['delivery_empty', 'body'])
    assert.deepEqual(refusal(tar()), ['delivery_empty', 'body'])
  })

  it('refuses a header that is damaged or none, and a compressed archive with the header that is missing', () => {
    assert.deepEqual(refusal(tar({ path: 'a', content: '1', checksum: 7 })), ['delivery_malformed', 'body'])
    assert.deepEqual(refusal(Buffer.from('{"SchemaVersion":2}'.repeat(100))), ['delivery_malformed', 'body'])
    assert.deepEqual(refusal(Buffer.alloc(0)), ['delivery_malformed', 'body'])
    for (const [name, archive] of Object.entries({ gzip: gzipSync(tar(['a', '1'])), zstd: zstdCompressSync(tar(['a', '1'])) })) {
      assert.throws(() => readDelivery(archive), { remedy: `Say so with the header Content-Encoding: ${name}.` })
    }
  })

  it('refuses broken extended headers', () => {
    for (const content of [
      '7 path=a',
      '999 path=a\n',
      '0 path=a\n',
      '10 path:ab\n',
      ' path=a\n',
      'x path=a\n',
      '5 =a\n',
      '9'.repeat(70_000),
    ]) {
      assert.deepEqual(refusal(tar({ path: 'x', type: 'x', content }, ['a', '1'])), ['delivery_malformed', 'body'], content.slice(0, 20))
    }
  })

  it('reads or refuses with a code any archive with bytes changed', () => {
    const archive = tar(pax({ path: 'long/a' }), ['a', '1'], gnuName('long/b'), ['b', '2'], { path: 'd/', type: '5' })
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(archive.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }), (changes) => {
        const changed = Buffer.from(archive)
        for (const [at, byte] of changes) changed[at] = byte
        refusal(changed)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('the name of a report in an archive', () => {
  it('is its path without the extension', () => {
    assert.equal(pathWithoutExtension('reports/trivy.json'), 'reports/trivy')
    assert.equal(pathWithoutExtension('TEST-org.example.GateTest.xml'), 'TEST-org.example.GateTest')
    assert.equal(pathWithoutExtension('v1.2/report'), 'v1.2/report')
    assert.equal(pathWithoutExtension('reports/.hidden'), 'reports/.hidden')
  })
})
