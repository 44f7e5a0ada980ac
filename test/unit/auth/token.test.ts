import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { crc32 } from 'node:zlib'

import { openSecret, sealSecret } from '../../../src/auth/sealed-secret.ts'
import { hashToken, hintOf, isDamaged, makeToken } from '../../../src/auth/token.ts'

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Worked out with Python's `zlib.crc32` and by hand; those of docs/tokens.md are among them. */
const VECTORS = [
  'ptc_00000000000000000000000000000000000000000001YUct6',
  'ptc_zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz1133mT',
  'ptc_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg2SN7Wl',
  'ptc_JKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz3CsLEE',
  'ptc_PortcullisPortcullisPortcullisPortcullisabc3mwneQ',
  'ptc_00000000000000000000000000000000000000372460009fa',
]

/** The checksum, written once more from the definition of CRC-32, bit by bit. */
function checksum(text: string): string {
  let register = 0xffff_ffff
  for (const byte of Buffer.from(text)) {
    register ^= byte
    for (let bit = 0; bit < 8; bit++) register = register & 1 ? (register >>> 1) ^ 0xedb8_8320 : register >>> 1
  }
  let value = BigInt((register ^ 0xffff_ffff) >>> 0)
  let digits = ''
  while (digits.length < 6) {
    digits = BASE62.charAt(Number(value % 62n)) + digits
    value /= 62n
  }
  return digits
}

function swapCase(character: string): string {
  return character === character.toLowerCase() ? character.toUpperCase() : character.toLowerCase()
}

describe('a token', () => {
  it('has a recognisable prefix, 43 fresh characters and their checksum', () => {
    const [one, other] = [makeToken(), makeToken()]
    assert.match(one, /^ptc_[0-9A-Za-z]{43}[0-9A-Za-z]{6}$/)
    assert.notEqual(one, other)
    for (let at = 0; at < 200; at++) {
      const token = makeToken()
      assert.equal(token.slice(-6), checksum(token.slice(0, -6)))
    }
  })

  it('has every character equally often', () => {
    const counts = new Map<string, number>()
    const made = 3000
    for (let at = 0; at < made; at++)
      for (const character of makeToken().slice(4, 47)) counts.set(character, (counts.get(character) ?? 0) + 1)
    const expected = (made * 43) / 62
    let chiSquare = 0
    for (const character of BASE62) chiSquare += ((counts.get(character) ?? 0) - expected) ** 2 / expected
    assert.equal(counts.size, 62)
    // 61 degrees of freedom: above 140 less than once in 10^7 runs. Folding a byte onto 62 characters gives some of them a quarter more: about 900.
    assert.ok(chiSquare < 140, `chi-square ${chiSquare}`)
  })

  it('is damaged if a character is missing, added, exchanged or in another case', () => {
    for (const whole of VECTORS) {
      assert.equal(isDamaged(whole), false, whole)
      for (let at = 4; at < whole.length; at++) {
        const character = whole.charAt(at)
        const others = [BASE62.charAt((BASE62.indexOf(character) + 1) % 62), swapCase(character), '-'].filter(
          (other) => other !== character,
        )
        for (const other of others) assert.ok(isDamaged(whole.slice(0, at) + other + whole.slice(at + 1)), `${whole} ${at} ${other}`)
        assert.ok(isDamaged(whole.slice(0, at)))
        assert.ok(isDamaged(whole.slice(0, at) + whole.slice(at + 1)))
        const next = whole.charAt(at + 1)
        if (next !== '' && next !== character) assert.ok(isDamaged(whole.slice(0, at) + next + character + whole.slice(at + 2)))
      }
      assert.ok(isDamaged(`${whole}0`))
      assert.ok(isDamaged(`${whole}\n`))
    }
  })

  it('is as docs/tokens.md shows it, and matched by the expressions that stand there for scanners', () => {
    const page = readFileSync('docs/tokens.md', 'utf8')
    const shown = new Set(page.match(/ptc_[0-9A-Za-z]{49}/g))
    assert.ok(shown.size >= 4)
    for (const token of shown) assert.ok(VECTORS.includes(token), token)
    for (const [, token = '', crc, sum] of page.matchAll(/^\| `(ptc_\w+)` \| `(\w+)` \| `(\w+)`/gm)) {
      assert.deepEqual([crc32(token.slice(0, -6)).toString(16).padStart(8, '0'), checksum(token.slice(0, -6))], [crc, sum])
    }
    const expressions = [...page.matchAll(/`(\\bptc_[^`]+)`|regex = '''(.+)'''|Secret format \| `([^`]+)`/g)].map(([, ...found]) =>
      found.join(''),
    )
    assert.equal(expressions.length, 3)
    for (const expression of expressions) {
      const text = `TOKEN="${VECTORS[2] ?? ''}"`
      assert.equal(new RegExp(expression).exec(text)?.[0], VECTORS[2], expression)
      assert.ok(!new RegExp(expression).test(text.replace('ptc_', 'ptd_')), expression)
    }
  })

  it('of another form is not damaged: it is none of ours', () => {
    for (const foreign of ['', 'ptc', 'PTC_0', 'ghp_0123', 'a-token-that-somebody-made-up-for-us', 'eyJhbGciOiJSUzI1NiJ9.e30.AA'])
      assert.equal(isDamaged(foreign), false, foreign)
  })

  it('is kept as a SHA-256 and recognised by its beginning', () => {
    assert.equal(hashToken('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    const token = makeToken()
    assert.equal(hintOf(token), token.slice(0, 8))
    assert.equal(hintOf('a-token-that-somebody-made-up-for-us'), 'a-to')
  })
})

describe('a sealed secret', () => {
  const claim = { principalId: 'p', method: 'POST', path: '/v1/tokens', key: 'k', fingerprint: 'f' }
  const sealed = sealSecret('ptc_secret', 'credential', claim)

  it('opens under the credential and the claim that it was sealed with', () => {
    assert.equal(openSecret(sealed, 'credential', claim), 'ptc_secret')
    assert.notEqual(sealSecret('ptc_secret', 'credential', claim), sealed)
    assert.ok(!Buffer.from(sealed, 'base64url').includes('ptc_'))
  })

  it('opens under nothing else', () => {
    assert.equal(openSecret(sealed, 'another credential', claim), undefined)
    for (const part of Object.keys(claim)) assert.equal(openSecret(sealed, 'credential', { ...claim, [part]: 'other' }), undefined)
    assert.equal(openSecret('', 'credential', claim), undefined)
    assert.equal(openSecret(sealed.slice(0, -2), 'credential', claim), undefined)
    const bytes = Buffer.from(sealed, 'base64url')
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 1
      assert.equal(openSecret(changed.toString('base64url'), 'credential', claim), undefined)
    }
  })

  it('takes a path and key of any length', () => {
    const long = { ...claim, path: `/${'x'.repeat(5000)}` }
    assert.equal(openSecret(sealSecret('s', 'c', long), 'c', long), 's')
  })
})
