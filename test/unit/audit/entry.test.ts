import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { MAX_LEAF_BYTES, openEntry, sealEntry, verifyDetail } from '../../../src/audit/entry.ts'
import { canonicalDigest, canonicalJson } from '../../../src/core/canonical-json.ts'
import type { EntryDraft, JsonValue } from '../../../src/core/log-entry.ts'

const digest = canonicalDigest('record')

function draft(changes: Partial<EntryDraft> = {}): EntryDraft {
  return { type: 'decision', at: '2026-01-02T03:04:05.006Z', actor: 'p-1', body: { digest, verdict: 'deny' }, detail: {}, ...changes }
}

describe('sealing an entry', () => {
  it('gives canonical JSON with every field, null where it does not apply', () => {
    const { leaf } = sealEntry(draft({ subject: digest, stage: 'prod "é"', body: { verdict: 'deny', digest, none: undefined } }))
    const entry = openEntry(leaf)
    assert.equal(leaf, canonicalJson(JSON.parse(leaf)))
    assert.deepEqual(
      { ...entry, detail: null },
      {
        type: 'decision',
        version: 1,
        at: '2026-01-02T03:04:05.006Z',
        actor: 'p-1',
        onBehalfOf: null,
        subject: digest,
        stage: 'prod "é"',
        environment: null,
        requestId: null,
        body: { digest, verdict: 'deny' },
        detail: null,
      },
    )
  })

  it('keeps free text out of the leaf and proves it from beside the leaf', () => {
    const sealed = sealEntry(draft({ detail: { reason: 'hotfix for ann@example.test', list: ['a', { b: 1 }] } }))
    const entry = openEntry(sealed.leaf)
    assert.ok(!sealed.leaf.includes('ann@'))
    for (const [field, { salt, value }] of Object.entries(sealed.detail)) {
      assert.ok(verifyDetail(entry, field, salt, value))
      assert.ok(!verifyDetail(entry, field, salt, 'something else'))
      assert.ok(!verifyDetail(entry, field, Buffer.alloc(32).toString('base64'), value))
      assert.ok(!verifyDetail(entry, 'other', salt, value))
    }
    assert.ok(!verifyDetail(entry, 'toString', '', null))
    assert.equal(Object.keys(sealed.detail).length, 2)
  })

  it('salts every leaf afresh, so that equal facts have different leaves', () => {
    const [one, other] = [sealEntry(draft()), sealEntry(draft())]
    assert.notEqual(one.leaf, other.leaf)
    assert.equal(Object.keys(openEntry(one.leaf).detail).length, 1)
    const same = sealEntry(draft({ detail: { a: 'x', b: 'x' } }))
    assert.equal(new Set(Object.values(openEntry(same.leaf).detail)).size, 2)
  })

  it('replaces the longest lists by count and digest until the leaf fits', () => {
    const long: JsonValue[] = Array.from({ length: 900 }, () => digest)
    const short = [digest]
    const { leaf } = sealEntry(draft({ body: { digest, evidence: long, rules: short } }))
    assert.ok(Buffer.byteLength(leaf) <= MAX_LEAF_BYTES)
    assert.deepEqual(openEntry(leaf).body, { digest, evidence: { count: 900, digest: canonicalDigest(long) }, rules: short })
  })

  it('keeps a leaf of exactly 65,535 bytes and refuses one byte more', () => {
    const bare = Buffer.byteLength(sealEntry(draft({ subject: '' })).leaf)
    const longest = sealEntry(draft({ subject: 'x'.repeat(MAX_LEAF_BYTES - bare) }))
    assert.equal(Buffer.byteLength(longest.leaf), MAX_LEAF_BYTES)
    assert.throws(() => sealEntry(draft({ subject: 'x'.repeat(MAX_LEAF_BYTES - bare + 1) })), { code: 'entry_too_long' })
    assert.throws(() => sealEntry(draft({ subject: 'é'.repeat(MAX_LEAF_BYTES / 2) })), { code: 'entry_too_long' })
  })

  it('opens nothing but what it could have made', () => {
    const { leaf } = sealEntry(draft())
    const value = JSON.parse(leaf) as Record<string, unknown>
    const wrong = [
      '',
      '{}',
      'null',
      `${leaf}\n`,
      ` ${leaf}`,
      leaf.replace('"deny"', '"deny","verdict":"allow"'),
      leaf.replace('"version":1', '"version":2'),
      canonicalJson({ ...value, extra: 1 }),
      canonicalJson({ ...value, detail: {} }),
      canonicalJson({ ...value, detail: { nonce: 'x' } }),
      canonicalJson({ ...value, stage: 7 }),
      canonicalJson({ ...value, actor: null }),
      canonicalJson({ ...value, body: [] }),
      `${'['.repeat(5000)}${']'.repeat(5000)}`,
    ]
    for (const text of wrong) assert.throws(() => openEntry(text), { code: 'entry_malformed' }, text.slice(0, 80))
  })
})
