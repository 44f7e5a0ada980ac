import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { cutText, printable } from '../../../src/core/printable.ts'

describe('text made printable', () => {
  it('shows what would act on a terminal or turn the writing direction', () => {
    assert.equal(printable('a\u001b[2J\r\n\u0000b'), 'a␛[2J␍␊␀b')
    assert.equal(printable('\u007f\u009b\u202e\u2066\u200b\u2028\ufeff'), '[U+007F][U+009B][U+202E][U+2066][U+200B][U+2028][U+FEFF]')
  })

  it('shows what XML cannot hold', () => assert.equal(printable('\ud800\uffff\u{1fffe}'), '[U+D800][U+FFFF][U+1FFFE]'))

  it('leaves every other text as it is', () => assert.equal(printable('café — 中文 😀 #1'), 'café — 中文 😀 #1'))
})

describe('text that is cut', () => {
  it('says so, and ends in no half character', () => {
    assert.equal(cutText('abcd', 4), 'abcd')
    assert.equal(cutText('abcde', 4), 'abc…')
    assert.equal(cutText('ab😀cd', 4), 'ab…')
  })
})
