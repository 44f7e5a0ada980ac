import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { AuditLog } from '../../../src/audit/audit-log.ts'
import { formatCheckpoint, parseCheckpoint } from '../../../src/audit/checkpoint.ts'
import { noteSigner, openNote } from '../../../src/audit/note.ts'
import { MAX_RECEIPT_BYTES, verifyReceipt } from '../../../src/audit/receipt.ts'
import { decisionDraft, MemoryLog } from './memory-log.ts'

const seed = new Uint8Array(32).fill(3)
const signer = noteSigner('example.com/log', seed)
const KEY = signer.verifierKey.text

async function receiptOf(index: number, size: number): Promise<string> {
  const log = new MemoryLog()
  for (let at = 0; at < size; at++) log.add(decisionDraft({ verdict: at % 2 === 0 ? 'allow' : 'deny' }))
  return new AuditLog(log, signer).receipt(index)
}

/** Splits a receipt and puts it together again with other extra data. */
function withExtra(receipt: string, change: (extra: string) => string): string {
  return receipt.replace(/^extra (.*)$/m, (_line, encoded: string) => {
    return `extra ${Buffer.from(change(Buffer.from(encoded, 'base64').toString())).toString('base64')}`
  })
}

describe('a receipt', () => {
  it('verifies under the pinned key, at every place in trees of every small size', async () => {
    for (let size = 1; size <= 17; size++) {
      for (let index = 0; index < size; index++) {
        const check = verifyReceipt(await receiptOf(index, size), KEY)
        assert.ok(check.intact && check.pinned)
        assert.equal(check.index, index)
        assert.equal(check.checkpoint.size, size)
        assert.equal(check.entry.body['verdict'], index % 2 === 0 ? 'allow' : 'deny')
      }
    }
  })

  it('carries the entry and the key, and none of the free text', async () => {
    const receipt = await receiptOf(2, 5)
    const extra = Buffer.from(/^extra (.*)$/m.exec(receipt)?.[1] ?? '', 'base64').toString()
    assert.ok(extra.includes(KEY) && extra.includes('"verdict":"allow"') && !extra.includes('someone'))
    assert.match(receipt, /^c2sp\.org\/tlog-proof@v1\nextra [^\n]+\nindex 2\n(?:[A-Za-z0-9+/]{43}=\n)+\nexample\.com\/log\n5\n/)
  })

  it('is intact but not pinned under its own key', async () => {
    const check = verifyReceipt(await receiptOf(0, 3))
    assert.ok(check.intact && !check.pinned)
    assert.equal(check.verifierKey, KEY)
  })

  it('fails with any single byte changed, wherever it stands', async () => {
    const bytes = Buffer.from(await receiptOf(3, 6))
    assert.ok(verifyReceipt(bytes, KEY).intact)
    for (let at = 0; at < bytes.length; at++) {
      const original = bytes[at] ?? 0
      for (const value of [original ^ 0x01, original ^ 0x20, original ^ 0x80, 0x0a, 0x20, 0x41]) {
        if (value === original) continue
        bytes[at] = value
        assert.equal(verifyReceipt(bytes, KEY).intact, false, `byte ${at} as ${value}`)
        assert.equal(verifyReceipt(bytes).intact, false, `byte ${at} as ${value}, unpinned`)
      }
      bytes[at] = original
    }
    assert.ok(verifyReceipt(bytes, KEY).intact)
  })

  it('fails with any byte removed, doubled or put in', async () => {
    const bytes = Buffer.from(await receiptOf(3, 6))
    for (let at = 0; at <= bytes.length; at++) {
      const [head, tail] = [bytes.subarray(0, at), bytes.subarray(at)]
      if (at < bytes.length) {
        assert.equal(verifyReceipt(Buffer.concat([head, tail.subarray(1)]), KEY).intact, false, `without byte ${at}`)
        assert.equal(verifyReceipt(head, KEY).intact, false, `cut at ${at}`)
      }
      for (const extra of ['\n', ' ', '=', '\r', 'A', '\ufeff', tail.toString('latin1', 0, 1) || '\0']) {
        assert.equal(verifyReceipt(Buffer.concat([head, Buffer.from(extra), tail]), KEY).intact, false, `${JSON.stringify(extra)} at ${at}`)
      }
    }
  })

  it('fails with any line removed or doubled, and with other line ends', async () => {
    const receipt = await receiptOf(3, 6)
    const lines = receipt.split('\n')
    lines.forEach((line, at) => {
      assert.equal(verifyReceipt(lines.toSpliced(at, 1).join('\n'), KEY).intact, false, `without line ${at}`)
      assert.equal(verifyReceipt(lines.toSpliced(at, 0, line).join('\n'), KEY).intact, false, `line ${at} twice`)
    })
    assert.equal(verifyReceipt(receipt.replaceAll('\n', '\r\n'), KEY).intact, false)
    assert.equal(verifyReceipt(receipt + receipt, KEY).intact, false)
    assert.equal(verifyReceipt(Buffer.from(`\ufeff${receipt}`), KEY).intact, false)
  })

  it('fails under another key, of the same name too', async () => {
    const receipt = await receiptOf(0, 1)
    for (const key of [noteSigner('example.com/log', new Uint8Array(32).fill(9)), noteSigner('example.com/other', seed)]) {
      const check = verifyReceipt(receipt, key.verifierKey.text)
      assert.ok(!check.intact && check.code === 'receipt_other_key')
    }
    const check = verifyReceipt(receipt, 'not a key')
    assert.ok(!check.intact && check.code === 'note_key_malformed')
  })

  it('fails when it names the pinned key but another key signed', async () => {
    const log = new MemoryLog()
    log.add(decisionDraft())
    const forged = await new AuditLog(log, noteSigner('example.com/log', new Uint8Array(32).fill(9))).receipt(0)
    const check = verifyReceipt(
      withExtra(forged, (extra) => extra.replace(/"key":".*"/, `"key":${JSON.stringify(KEY)}`)),
      KEY,
    )
    assert.ok(!check.intact && check.code === 'note_unsigned')
  })

  it('fails with the entry of another place, and with a turned verdict', async () => {
    const [one, other] = [await receiptOf(2, 6), await receiptOf(3, 6)]
    const line = /^extra .*$/m.exec(other)?.[0] ?? ''
    const swapped = verifyReceipt(one.replace(/^extra .*$/m, line), KEY)
    assert.ok(!swapped.intact && swapped.code === 'receipt_not_included')
    const turned = verifyReceipt(
      withExtra(other, (extra) => extra.replace('"deny"', '"allow"')),
      KEY,
    )
    assert.ok(!turned.intact && turned.code === 'receipt_not_included')
  })

  it('fails with extra data in another form', async () => {
    const receipt = await receiptOf(0, 1)
    const changes: ((extra: string) => string)[] = [
      (extra) => `${extra} `,
      (extra) => ` ${extra}`,
      (extra) => extra.replace('{"entry"', '{"a":1,"entry"'),
      (extra) => extra.replace('"key"', '"key":"x","key"'),
      (extra) => extra.replace(/,"key":.*/, '}'),
      () => 'null',
      () => '{"entry":"\\ud800","key":""}',
      () => 'x'.repeat(MAX_RECEIPT_BYTES),
    ]
    for (const change of changes) assert.equal(verifyReceipt(withExtra(receipt, change), KEY).intact, false)
  })

  it('fails with a signature or an extension line that nobody checks', async () => {
    const receipt = await receiptOf(0, 1)
    const stranger = noteSigner('example.com/witness', seed)
    const note = receipt.slice(receipt.indexOf('\n\n') + 2)
    const { text } = openNote(note, [signer.verifierKey])
    const line = stranger.sign(text).split('\n\n')[1] ?? ''
    assert.equal(verifyReceipt(receipt + line, KEY).intact, false)
    const extended = signer.sign(formatCheckpoint({ ...parseCheckpoint(text), extensions: ['more'] }))
    assert.equal(verifyReceipt(receipt.replace(note, extended), KEY).intact, false)
    const renamed = signer.sign(formatCheckpoint({ ...parseCheckpoint(text), origin: 'example.com/other' }))
    assert.equal(verifyReceipt(receipt.replace(note, renamed), KEY).intact, false)
  })
})
