import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { fixture, read, readDocument, refusal } from '../reading.ts'

const LINES = '<counter type="LINE" missed="1" covered="3"/>'

function document(inner: string): string {
  return `<report name="gate">${inner}</report>`
}

describe('the JaCoCo parser', () => {
  it('takes the counters of the report alone, and the time of its last session', () => {
    const report = read('jacoco/gradle.xml')
    assert.equal(report.completeness, 'complete')
    assert.deepEqual(report.scanned, ['coverage'])
    assert.deepEqual(report.coverage, {
      lines: { covered: 7, total: 10 },
      branches: { covered: 3, total: 4 },
      functions: { covered: 3, total: 4 },
    })
    assert.equal(report.reportedAt, '2026-01-01T00:00:00.000Z')
  })

  it('reads a report without a DOCTYPE, as Kover writes it', () => {
    const report = read('jacoco/kover.xml')
    assert.deepEqual(report.coverage, { lines: { covered: 4, total: 4 }, branches: null, functions: null })
    assert.equal(report.reportedAt, null)
  })

  it('believes its counters only as far as the packages and the listed lines bear them out', () => {
    const counters = (covered: number, missed: number) =>
      ['LINE', 'BRANCH', 'METHOD'].map((type) => `<counter type="${type}" missed="${missed}" covered="${covered}"/>`).join('')
    const lines = '<sourcefile name="a"><line nr="1" mi="0" ci="1" mb="1" cb="1"/><line nr="2" mi="3" ci="0" mb="2" cb="0"/></sourcefile>'
    assert.deepEqual(readDocument(document(`<package name="a">${counters(1, 3)}</package>${counters(4, 0)}`)).coverage, {
      lines: { covered: 1, total: 4 },
      branches: { covered: 1, total: 4 },
      functions: { covered: 1, total: 4 },
    })
    assert.deepEqual(readDocument(document(`<group name="g"><package name="a">${lines}</package></group>${counters(4, 0)}`)).coverage, {
      lines: { covered: 1, total: 2 },
      branches: { covered: 1, total: 4 },
      functions: { covered: 4, total: 4 },
    })
  })

  it('is empty without lines, even where instructions were counted', () => {
    assert.equal(read('jacoco/empty.xml').completeness, 'empty')
    assert.equal(readDocument(document('<counter type="INSTRUCTION" missed="0" covered="9"/>')).completeness, 'empty')
    assert.equal(readDocument(document('<counter type="LINE" missed="0" covered="0"/>')).completeness, 'empty')
  })

  it('refuses a counter that only parts of the report have, and a second one', () => {
    assert.equal(refusal(document(`<package name="a">${LINES}</package>`)), 'report_malformed')
    assert.equal(refusal(document(`<package name="a">${LINES}</package><counter type="LINE" missed="0" covered="0"/>`)), 'report_malformed')
    assert.equal(refusal(document(LINES + LINES)), 'report_malformed')
  })

  it('refuses counters that cannot be', () => {
    for (const attributes of [
      'type="LINE" missed="1"',
      'type="LINE" covered="1"',
      'missed="1" covered="1"',
      'type="LINE" missed="-1" covered="1"',
      'type="LINE" missed="1.5" covered="1"',
    ]) {
      assert.equal(refusal(document(`<counter ${attributes}/>`)), 'report_malformed', attributes)
      assert.equal(refusal(document(`<package name="a"><counter ${attributes}/></package>${LINES}`)), 'report_malformed', attributes)
    }
  })

  it('is no other report', () => {
    assert.equal(refusal('<report><finding/></report>'), 'report_format_unknown')
    assert.equal(refusal('<report><finding/></report>', 'jacoco'), 'report_wrong_format')
    assert.equal(refusal('<coverage/>', 'jacoco'), 'report_wrong_format')
  })

  it('accepts the name of a DTD and no entities, and refuses a cut-off file', () => {
    const whole = Buffer.from(fixture('jacoco/gradle.xml')).toString('utf8').trimEnd()
    for (let length = 0; length < whole.length; length++) assert.notEqual(refusal(whole.slice(0, length), 'jacoco'), 'read', `${length}`)
    assert.equal(refusal(`<!DOCTYPE report [<!ENTITY a "jacoco">]>${document(LINES)}`), 'xml_doctype_refused')
  })
})
