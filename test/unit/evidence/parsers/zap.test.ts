import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { byId, counted, fixture, jsonFixture, read, readDocument, refusal, storedText } from '../reading.ts'

describe('the ZAP parser', () => {
  it('counts each alert of a site once, however many pages show it', () => {
    const report = read('zap/alerts.json')
    assert.deepEqual(report.tool, { name: 'zap', version: '2.16.1' })
    assert.deepEqual([report.scanned, report.completeness, report.reportedAt], [['dast'], 'complete', '2026-11-02T10:00:00.123Z'])
    assert.deepEqual(counted(report), { high: 1, medium: 2, low: 2, negligible: 1, unknown: 1 })
    assert.deepEqual([byId(report, '40012').toolSeverity, byId(report, '40012').location], ['High', 'https://shop.example.com/cart'])
    assert.equal(byId(report, '40018').suppressionReason, 'false positive')
    assert.ok(report.examined.length > 0 && report.examined.every((site) => site.startsWith('http')))
  })

  it('reads the XML form, and that of old versions without instances', () => {
    const report = read('zap/alerts.xml')
    assert.deepEqual(counted(report), { high: 1, low: 1 })
    assert.equal(byId(report, '10011').title, 'Cookie & flag')
    const old = read('zap/old.xml')
    assert.deepEqual(counted(old), { medium: 1 })
    assert.equal(byId(old, '10020').location, 'http://shop.example.com/')
  })

  it('keeps no request, answer or query, and the stored report counts the same in its own form', () => {
    for (const path of ['zap/alerts.json', 'zap/alerts.xml', 'zap/old.xml']) {
      const report = read(path)
      assert.doesNotMatch(storedText(report) + JSON.stringify(report.findings), /hunter2/, path)
      assert.deepEqual(readDocument(storedText(report)).findings, report.findings, path)
    }
    assert.match(storedText(read('zap/alerts.xml')), /^<\?xml[^]*<desc>A &lt;b&gt; &amp; c<\/desc>/)
  })

  it('is clean if it names a site, and empty if it names none', () => {
    for (const form of ['json', 'xml']) {
      assert.equal(read(`zap/clean.${form}`).completeness, 'complete')
      assert.equal(read(`zap/empty.${form}`).completeness, 'empty')
    }
  })

  it('refuses sites and alerts that it cannot read, cut-off XML and other documents', () => {
    const clean = jsonFixture('zap/clean.json')
    assert.equal(refusal({ ...clean, site: [{ '@name': 'x' }] }), 'report_malformed')
    assert.equal(refusal({ ...clean, site: [{ '@name': 'x', alerts: [{}] }] }), 'report_malformed')
    assert.equal(refusal({ ...clean, site: 'https://x' }, 'zap'), 'report_wrong_format')
    assert.equal(refusal('<OWASPZAPReport version="2"><site name="x"/></OWASPZAPReport>'), 'report_malformed')
    assert.equal(refusal('<report/>', 'zap'), 'report_wrong_format')
    const xml = Buffer.from(fixture('zap/alerts.xml')).toString('utf8').trimEnd()
    for (let length = 1; length < xml.length; length++) assert.notEqual(refusal(xml.slice(0, length), 'zap'), 'read')
  })
})
