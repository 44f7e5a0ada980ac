import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { fixture, jsonFixture, read, readDocument, refusal } from '../reading.ts'

describe('the parser of any JSON object', () => {
  it('keeps the document and claims nothing', () => {
    const report = read('json/document.json', 'json')
    assert.deepEqual([report.scanned, report.completeness, report.findings], [[], 'complete', []])
    assert.deepEqual(report.document, jsonFixture('json/document.json'))
  })

  it('is read only if the format is stated', () => {
    assert.equal(refusal(fixture('json/document.json')), 'report_format_unknown')
  })

  it('takes an empty object for nothing said', () => {
    assert.equal(readDocument({}, 'json').completeness, 'empty')
  })

  it('refuses what is no object, and objects too long to be part of a policy’s input', () => {
    for (const document of ['[]', 'null', '7', '"a"']) assert.equal(refusal(document, 'json'), 'report_wrong_format')
    assert.equal(refusal('{"a":', 'json'), 'report_malformed')
    assert.equal(refusal({ a: 'x'.repeat(70_000) }, 'json'), 'report_malformed')
  })
})
