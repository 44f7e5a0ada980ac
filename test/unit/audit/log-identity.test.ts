import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { openEntry, sealEntry } from '../../../src/audit/entry.ts'
import { assertSameLog, logCreatedDraft, readLogIdentity } from '../../../src/audit/log-identity.ts'
import { noteSigner } from '../../../src/audit/note.ts'
import { decisionDraft } from './memory-log.ts'

const verifierKey = noteSigner('example.com/log', new Uint8Array(32).fill(3)).verifierKey.text
const identity = { origin: 'example.com/log', treeId: '0195a0aa-0000-7000-8000-000000000009', verifierKey }
const { leaf } = sealEntry(logCreatedDraft(identity, '2026-01-01T00:00:00.000Z'))

describe('leaf 0', () => {
  it('says which log it begins', () => {
    assert.equal(openEntry(leaf).type, 'log.created')
    assert.deepEqual(readLogIdentity(leaf), identity)
    assert.deepEqual(assertSameLog(leaf, identity), identity)
  })

  it('refuses a start under another key or origin', () => {
    const otherKey = noteSigner('example.com/log', new Uint8Array(32).fill(4)).verifierKey.text
    assert.throws(() => assertSameLog(leaf, { ...identity, verifierKey: otherKey }), { code: 'log_key_mismatch' })
    assert.throws(() => assertSameLog(leaf, { ...identity, origin: 'example.com/other' }), { code: 'log_origin_mismatch' })
  })

  it('must be an entry that begins a log', () => {
    assert.throws(() => assertSameLog(sealEntry(decisionDraft()).leaf, identity), { code: 'log_origin_mismatch' })
    assert.throws(() => assertSameLog('{}', identity), { code: 'entry_malformed' })
  })
})
