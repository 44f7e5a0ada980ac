import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { formatInstant, parseInstant } from '../../../src/core/time.ts'

describe('an instant', () => {
  it('is read with its offset, and cut off after milliseconds', () => {
    const read = (text: string): string => formatInstant(parseInstant(text) ?? Number.NaN)
    assert.equal(read('2026-11-21T09:30:00Z'), '2026-11-21T09:30:00.000Z')
    assert.equal(read('2026-11-21t09:30:00.123999999+05:30'), '2026-11-21T04:00:00.123Z')
    assert.equal(read('2026-11-21 09:30:00.1z'), '2026-11-21T09:30:00.100Z')
    assert.equal(read('2028-02-29T23:59:59-00:00'), '2028-02-29T23:59:59.000Z')
    assert.equal(read('0001-01-01T00:00:00Z'), '0001-01-01T00:00:00.000Z')
  })

  it('is nothing that the calendar or the clock does not have', () => {
    for (const text of ['2026-02-30', '2027-02-29', '2026-04-31', '2026-13-01', '2026-00-01', '2026-01-00']) {
      assert.equal(parseInstant(`${text}T00:00:00Z`), undefined, text)
    }
    for (const text of ['24:00:00', '23:60:00', '23:59:60', '12:00', '12:00:00.', '12:00:00.1234567890']) {
      assert.equal(parseInstant(`2016-12-31T${text}Z`), undefined, text)
    }
    for (const text of ['', '+24:00', '+0100', '+01', 'UTC']) assert.equal(parseInstant(`2026-01-01T00:00:00${text}`), undefined, text)
    for (const other of [undefined, null, 0, '', ' 2026-01-01T00:00:00Z']) assert.equal(parseInstant(other), undefined)
  })
})
