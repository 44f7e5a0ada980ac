import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { formatPrivateKey, isKeyName, noteSigner, openNote, parsePrivateKey, parseVerifierKey } from '../../../src/audit/note.ts'

// The example keys of the documentation of golang.org/x/mod/sumdb/note.
const PRIVATE = 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz'
const PUBLIC = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
const NOTE =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n" +
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n'

const signer = noteSigner('example.com/log', new Uint8Array(32).fill(7))
const other = noteSigner('example.com/log', new Uint8Array(32).fill(8))

describe('signed notes', () => {
  it('read, make and verify what other implementations of the format made', () => {
    const { name, seed } = parsePrivateKey(PRIVATE)
    assert.equal(formatPrivateKey(name, seed), PRIVATE)
    assert.equal(noteSigner(name, seed).verifierKey.text, PUBLIC)
    const opened = openNote(NOTE, [parseVerifierKey(PUBLIC)])
    assert.equal(noteSigner(name, seed).sign(opened.text), NOTE)
  })

  it('are opened only by the key that signed', () => {
    const note = signer.sign('text\n')
    assert.deepEqual(openNote(note, [signer.verifierKey]).text, 'text\n')
    assert.throws(() => openNote(note, [other.verifierKey]), { code: 'note_unsigned' })
    assert.throws(() => openNote(note, []), { code: 'note_unsigned' })
  })

  it('ignore signatures of unknown keys and refuse wrong ones of known keys', () => {
    const note = signer.sign('text\n')
    const foreign = other.sign('text\n').split('\n\n')[1] ?? ''
    assert.equal(openNote(note + foreign, [signer.verifierKey]).ignored, 1)
    const wrong = signer.sign('other text\n').split('\n\n')[1] ?? ''
    assert.throws(() => openNote(`text\n\n${foreign}${wrong}`, [signer.verifierKey, other.verifierKey]), { code: 'note_unsigned' })
    assert.throws(() => openNote(note + (note.split('\n\n')[1] ?? ''), [signer.verifierKey]), { code: 'note_malformed' })
  })

  it('keep empty lines in the text apart from the line before the signatures', () => {
    const text = 'a\n\nb\n'
    assert.equal(openNote(signer.sign(text), [signer.verifierKey]).text, text)
  })

  it('are refused when malformed', () => {
    const note = signer.sign('text\n')
    const wrong = [
      '',
      '\n',
      note.slice(0, -1),
      `${note}\n`,
      note.replace('—', '-'),
      note.replace('text', 'te\rxt'),
      note.replace('\n\n', '\n'),
    ]
    for (const text of [...wrong, note.replace(/=*\n$/, '\n'), note.replaceAll('\n', '\r\n'), `${note}${'— a AAAAAAA=\n'.repeat(40)}`]) {
      assert.throws(() => openNote(text, [signer.verifierKey]), { code: 'note_malformed' }, JSON.stringify(text).slice(0, 60))
    }
    assert.throws(() => signer.sign('no newline'), { code: 'note_malformed' })
    assert.throws(() => signer.sign('tab\there\n'), { code: 'note_malformed' })
  })

  it('name keys without white space and plus signs', () => {
    for (const name of ['', 'a b', 'a+b', 'a\u00a0b', 'a\u0085b', 'a\nb', 'x'.repeat(257), '\ud800']) assert.equal(isKeyName(name), false)
    assert.ok(isKeyName('example.com/log-é'))
  })

  it('take keys only in their exact form', () => {
    const good = signer.verifierKey.text
    assert.equal(parseVerifierKey(good).text, good)
    const wrong = ['', '+', '++', good.slice(1), good.slice(0, -1), `${good}\n`, good.replace('+', ' +'), good.toUpperCase(), `${good}=`]
    for (const text of [...wrong, formatPrivateKey('example.com/log', new Uint8Array(32))]) {
      assert.throws(() => parseVerifierKey(text), { code: 'note_key_malformed' })
    }
    assert.throws(() => parsePrivateKey(good), { code: 'note_key_malformed' })
    assert.throws(() => parsePrivateKey(PRIVATE.replace('c74f20a3', 'c74f20a4')), { code: 'note_key_malformed' })
  })
})
