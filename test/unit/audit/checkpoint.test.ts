import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { formatCheckpoint, parseCheckpoint, parseCount } from '../../../src/audit/checkpoint.ts'
import { emptyRoot } from '../../../src/audit/merkle.ts'

const root = Buffer.from(emptyRoot())
const good = `example.com/log\n20852163\n${root.toString('base64')}\n`

describe('checkpoints', () => {
  it('have origin, size and root on a line each', () => {
    const checkpoint = { origin: 'example.com/log', size: 20852163, root, extensions: [] }
    assert.equal(formatCheckpoint(checkpoint), good)
    assert.deepEqual(parseCheckpoint(good), checkpoint)
    assert.deepEqual(parseCheckpoint(`${good}more\n`).extensions, ['more'])
    assert.equal(parseCheckpoint(good.replace('20852163', '0')).size, 0)
  })

  it('are refused in any other form', () => {
    const wrong = ['', '\n\n\n', good.slice(0, -1), `${good}\n`, `${good}a\n\nb\n`, good.replace('20852163', '020852163'), `\n${good}`]
    for (const text of [
      ...wrong,
      good.replace('20852163', '-1'),
      good.replace('=\n', '\n'),
      good.replace('20852163', '1e3'),
      `x${good}`.slice(16),
    ]) {
      assert.throws(() => parseCheckpoint(text), { code: 'checkpoint_malformed' }, JSON.stringify(text))
    }
  })

  it('count in plain decimal only', () => {
    assert.equal(parseCount('9007199254740991'), Number.MAX_SAFE_INTEGER)
    for (const text of ['', '01', '+1', '1.0', ' 1', '9007199254740992', '99999999999999999999', '٣'])
      assert.ok(Number.isNaN(parseCount(text)))
  })
})
