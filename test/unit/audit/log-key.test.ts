import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'

import { chooseOrigin, dataDirLogKey, generateLogKey, logSigner, parseLogKey, randomOrigin } from '../../../src/audit/log-key.ts'
import { openNote } from '../../../src/audit/note.ts'

describe('the log key', () => {
  it('is read from its own text and from PEM', () => {
    const own = parseLogKey(`${generateLogKey('example.com/log')}\n`)
    assert.equal(own.origin, 'example.com/log')
    const { privateKey } = generateKeyPairSync('ed25519')
    const pem = parseLogKey(privateKey.export({ format: 'pem', type: 'pkcs8' }))
    assert.equal(pem.origin, undefined)
    assert.equal(Buffer.from(pem.seed).toString('base64url'), privateKey.export({ format: 'jwk' }).d)
    const signer = logSigner(pem, 'example.com/log')
    assert.ok(openNote(signer.sign('text\n'), [signer.verifierKey]))
  })

  it('is refused when it is no Ed25519 private key, without repeating it', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const x25519 = generateKeyPairSync('x25519').privateKey
    const wrong = [
      '',
      'secret',
      privateKey.export({ format: 'pem', type: 'pkcs8' }),
      x25519.export({ format: 'pem', type: 'pkcs8' }),
      publicKey.export({ format: 'pem', type: 'spki' }),
    ]
    for (const text of wrong) {
      assert.throws(
        () => parseLogKey(text),
        (error: Error & { code?: string }) => error.code === 'log_key_malformed' && (text === '' || !error.message.includes(text)),
      )
    }
  })

  it('settles the origin only if all that is known of it agrees', () => {
    const named = parseLogKey(generateLogKey('example.com/a'))
    const nameless = { seed: named.seed, origin: undefined }
    assert.equal(chooseOrigin(undefined, named, undefined), 'example.com/a')
    assert.equal(chooseOrigin('example.com/a', named, 'example.com/a'), 'example.com/a')
    assert.equal(chooseOrigin(undefined, nameless, 'example.com/b'), 'example.com/b')
    assert.match(chooseOrigin(undefined, nameless, undefined), /^portcullis\/[0-9a-f]{32}$/)
    assert.notEqual(randomOrigin(), randomOrigin())
    assert.throws(() => chooseOrigin('example.com/b', named, undefined), { code: 'log_origin_mismatch' })
    assert.throws(() => chooseOrigin(undefined, named, 'example.com/b'), { code: 'log_origin_mismatch' })
    assert.throws(() => chooseOrigin('with space', nameless, undefined), { code: 'log_origin_malformed' })
  })
})

describe('the log key of a data directory', () => {
  let directory = ''
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'log-key-'))
  })
  afterEach(() => rm(directory, { recursive: true, force: true }))

  it('is made once, for its owner alone, and found again', async () => {
    const made = await dataDirLogKey(directory, { origin: undefined, mayMake: true })
    assert.deepEqual(await dataDirLogKey(directory, { origin: undefined, mayMake: false }), made)
    assert.deepEqual(await readdir(directory), ['log.key'])
    assert.equal((await stat(join(directory, 'log.key'))).mode & 0o777, 0o600)
    assert.match(await readFile(join(directory, 'log.key'), 'utf8'), /^PRIVATE\+KEY\+portcullis\/[0-9a-f]{32}\+/)
  })

  it('is made for the origin that was set', async () => {
    assert.equal((await dataDirLogKey(directory, { origin: 'example.com/log', mayMake: true })).origin, 'example.com/log')
  })

  it('is one key when several ask for it at once', async () => {
    const keys = await Promise.all(Array.from({ length: 8 }, () => dataDirLogKey(directory, { origin: undefined, mayMake: true })))
    assert.equal(new Set(keys.map(({ seed }) => Buffer.from(seed).toString('hex'))).size, 1)
    assert.deepEqual(await readdir(directory), ['log.key'])
  })

  it('is never made anew under a log that has entries', async () => {
    await assert.rejects(dataDirLogKey(directory, { origin: undefined, mayMake: false }), { code: 'log_key_missing' })
    assert.deepEqual(await readdir(directory), [])
  })

  it('is not replaced when it is damaged', async () => {
    await writeFile(join(directory, 'log.key'), 'damaged')
    await assert.rejects(dataDirLogKey(directory, { origin: undefined, mayMake: true }), { code: 'log_key_malformed' })
    assert.equal(await readFile(join(directory, 'log.key'), 'utf8'), 'damaged')
  })
})
