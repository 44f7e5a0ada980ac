import { deepEqual, equal, ok } from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import type { TarFile } from '../../../../src/core/tar/read-tar.ts'
import { signatureFault } from '../../../../src/policy/authoring/bundle-signature.ts'
import { goCanonicalJson } from '../../../../src/policy/authoring/go-json.ts'
import { requireTool } from '../../../support/tools.ts'

const opa = requireTool('opa')

const FILES: Readonly<Record<string, string>> = {
  'deny.rego': 'package house\n\ndeny contains "no" if input.stage == "production"\n',
  'lib/util.rego': 'package house.util\n',
  'data.json': '{ "z": [1, 2.50, 1e3, 12345678901234567890],\n "a": {"é": "<&>\\u2028\\ud83d\\ude00", "b": null, "B": true} }\n',
  '.manifest': '{"roots": ["house", "z", "a"], "revision": "r"}',
}

function pair(kind: 'rsa' | 'ec'): { publicKey: KeyObject; pem: string } {
  const { publicKey, privateKey } =
    kind === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { publicKey, pem: privateKey.export({ type: 'pkcs8', format: 'pem' }) }
}

describe('The signature of an upload', { skip: opa.skip }, () => {
  const [rsa, ec, other] = [pair('rsa'), pair('ec'), pair('ec')]
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'portcullis-signed-'))
  })
  after(() => rmSync(folder, { recursive: true }))

  /** The files as `opa sign` leaves them. */
  function signed(key: { pem: string }, algorithm: string): TarFile[] {
    const bundle = mkdtempSync(join(folder, 'bundle-'))
    for (const [path, text] of Object.entries(FILES)) {
      mkdirSync(dirname(join(bundle, path)), { recursive: true })
      writeFileSync(join(bundle, path), text)
    }
    writeFileSync(join(folder, 'key.pem'), key.pem)
    const options = ['sign', '--signing-key', '../key.pem', '--signing-alg', algorithm, '--bundle', '.']
    execFileSync(opa.path ?? '', options, { cwd: bundle })
    return [...Object.keys(FILES), '.signatures.json'].map((path) => ({ path, bytes: readFileSync(join(bundle, path)) }))
  }

  const codeOf = (files: TarFile[], keys: KeyObject[]): [string, string | null] | undefined => {
    const fault = signatureFault(files, keys)
    return fault && [fault.code, fault.file]
  }

  it('is taken as OPA writes it, by any of the keys', () => {
    for (const algorithm of ['RS256', 'PS384']) equal(codeOf(signed(rsa, algorithm), [other.publicKey, rsa.publicKey]), undefined)
    equal(codeOf(signed(ec, 'ES256'), [ec.publicKey]), undefined)
  })

  it('covers every file, and no other than there are', () => {
    const files = signed(ec, 'ES256')
    const changed = files.map((file) => (file.path === 'deny.rego' ? { ...file, bytes: Buffer.from('package house\n') } : file))
    deepEqual(codeOf(changed, [ec.publicKey]), ['bundle_signature_invalid', 'deny.rego'])
    const data = files.map((file) => (file.path === 'data.json' ? { ...file, bytes: Buffer.from('{"z": []}') } : file))
    deepEqual(codeOf(data, [ec.publicKey]), ['bundle_signature_invalid', 'data.json'])
    const more = [...files, { path: 'more.rego', bytes: Buffer.from('package more') }]
    deepEqual(codeOf(more, [ec.publicKey]), ['bundle_signature_invalid', 'more.rego'])
    const fewer = files.filter(({ path }) => path !== 'lib/util.rego')
    deepEqual(codeOf(fewer, [ec.publicKey]), ['bundle_signature_invalid', '.signatures.json'])
  })

  it('is refused if it is absent, by another key, or by a shared secret', () => {
    const files = signed(ec, 'ES256')
    deepEqual(
      codeOf(
        files.filter(({ path }) => path !== '.signatures.json'),
        [ec.publicKey],
      ),
      ['bundle_unsigned', null],
    )
    deepEqual(codeOf(files, [other.publicKey, rsa.publicKey]), ['bundle_signature_invalid', '.signatures.json'])
    const pem = ec.publicKey.export({ type: 'spki', format: 'pem' })
    ok(signatureFault(signed({ pem }, 'HS256'), [ec.publicKey]))
  })
})

describe('A document that was signed', () => {
  it('is compared by what it says', () => {
    equal(goCanonicalJson(' { "b" : [ 1.0, true ] , "a":"x" } '), '{"a":"x","b":[1.0,true]}')
    equal(goCanonicalJson('{'), undefined)
    equal(goCanonicalJson(`${'['.repeat(500)}${']'.repeat(500)}`), undefined)
  })
})
