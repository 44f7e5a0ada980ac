import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'

import { xmlRootOf } from '../../../src/evidence/decode-report.ts'
import { PARSERS } from '../../../src/evidence/formats.ts'
import type { ReportParser } from '../../../src/evidence/parser.ts'
import { report } from '../../../src/evidence/parsers/report.ts'
import { readReport } from '../../../src/evidence/read-report.ts'
import { bytesOf, fixture, refusal } from './reading.ts'

function parser(format: string, claims: boolean): ReportParser {
  return { format, classes: ['sast'], claims: () => claims, parse: () => report({ name: format, version: null }, ['sast'], {}) }
}

describe('the table of formats', () => {
  it('names each format once, in lower kebab case', () => {
    const names = PARSERS.map((entry) => entry.format)
    assert.equal(new Set(names).size, names.length)
    for (const name of names) assert.match(name, /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/)
  })
})

describe('reading a report', () => {
  it('recognises a report that exactly one parser claims', () => {
    assert.equal(readReport(bytesOf('x'), 'auto', [parser('a', false), parser('b', true)]).format, 'b')
  })

  it('refuses a report that several parsers claim, naming them', () => {
    assert.throws(() => readReport(bytesOf('x'), 'auto', [parser('a', true), parser('b', true), parser('c', false)]), {
      code: 'report_format_ambiguous',
      message: /a, b\./,
      field: 'query.format',
    })
  })

  it('refuses a report that no parser claims, naming what can be read', () => {
    assert.throws(() => readReport(bytesOf({ hello: 'world' }), 'auto'), { code: 'report_format_unknown', remedy: /trivy, grype/ })
    assert.throws(() => readReport(bytesOf('<bom version="1"/>'), 'auto'), { code: 'report_format_unknown', message: /root element bom/ })
    assert.equal(refusal('hello'), 'report_format_unknown')
    assert.equal(refusal('true'), 'report_format_unknown')
    assert.equal(refusal('"clean"'), 'report_format_unknown')
  })

  it('refuses an unknown format before it looks at the body', () => {
    assert.throws(() => readReport(bytesOf(''), 'spam'), { code: 'report_format_unknown', field: 'query.format' })
    assert.equal(refusal('{}', '__proto__'), 'report_format_unknown')
  })

  it('asks for a format where the body could be anybody’s', () => {
    for (const body of ['[]', '{}', 'null', ' [ ]\n', '\ufeff{}']) assert.equal(refusal(body), 'report_format_ambiguous', body)
  })

  it('refuses an empty body under every format', () => {
    for (const format of ['auto', ...PARSERS.map((entry) => entry.format)])
      for (const body of ['', ' \r\n\t', '\ufeff']) assert.equal(refusal(body, format), 'report_empty', format)
  })

  it('refuses what readers of JSON understand differently, saying where', () => {
    const twice = '{"SchemaVersion":2,"Results":[{"Target":"a"}],"Results":[]}'
    assert.throws(() => readReport(bytesOf(twice), 'trivy'), { code: 'report_malformed', message: /"Results" twice/, field: 'body' })
    const infinite = '{"SchemaVersion":2,"Results":[{"Score":1e999}]}'
    assert.throws(() => readReport(bytesOf(infinite), 'auto'), { code: 'report_malformed', message: /Results\.0\.Score/, field: 'body' })
  })

  it('refuses compressed bodies and says so', () => {
    const body = fixture('trivy/clean.json')
    for (const [name, bytes] of [
      ['gzip', gzipSync(body)],
      ['zstd', zstdCompressSync(body)],
      ['zip', Buffer.from('PK\u0003\u0004rest')],
    ] as const)
      assert.throws(() => readReport(bytes, 'auto'), { code: 'report_malformed', message: new RegExp(name) })
  })

  it('refuses UTF-16 and says so, with and without a byte order mark', () => {
    const text = Buffer.from(fixture('trivy/clean.json')).toString('utf8')
    const little = Buffer.from(text, 'utf16le')
    for (const bytes of [Buffer.from(`\ufeff${text}`, 'utf16le'), little, Buffer.from(little).swap16()])
      assert.throws(() => readReport(bytes, 'trivy'), { code: 'report_malformed', message: /UTF-16/ })
  })

  it('refuses bytes that are not UTF-8', () => {
    assert.equal(refusal(Buffer.from([0x7b, 0xff, 0xfe, 0x7d])), 'report_malformed')
  })

  it('skips a byte order mark', () => {
    assert.equal(refusal(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), fixture('trivy/clean.json')])), 'read')
  })

  it('refuses two documents in one body, and never quotes the body in the error', () => {
    const two = `{"Secret":"hunter2"} {"error":"hunter2"}`
    assert.throws(
      () => readReport(bytesOf(two), 'auto'),
      (error: Error) => {
        assert.equal('code' in error && error.code, 'report_malformed')
        assert.doesNotMatch(`${error.message} ${JSON.stringify(error)} ${String(error.cause)}`, /hunter2/)
        return true
      },
    )
  })

  it('refuses documents that are nested too deep or hold too many values', () => {
    assert.equal(refusal('['.repeat(200) + ']'.repeat(200)), 'report_too_complex')
    assert.equal(refusal(`[${'[],'.repeat(2_000_001)}[]]`), 'report_too_complex')
  })

  it('refuses more findings than it can keep, however they are spread', () => {
    const leaks = Array.from({ length: 200_001 }, (_, line) => ({ RuleID: 'a', Secret: 's', StartLine: line }))
    assert.equal(refusal(leaks, 'gitleaks'), 'report_too_complex')
    assert.equal(
      refusal(
        leaks.map((leak) => ({ ...leak, StartLine: 1 })),
        'gitleaks',
      ),
      'read',
    )
  })
})

describe('the scan for the XML root element', () => {
  it('steps over the prolog', () => {
    assert.equal(xmlRootOf('<?xml version="1.0"?>\n<!-- <a> -->\n<!DOCTYPE b SYSTEM "b.dtd">\n<c:d e="f"/>'), 'c:d')
    assert.equal(xmlRootOf('<!DOCTYPE b [<!ENTITY x "]>">]>\n<testsuites>'), undefined)
    assert.equal(xmlRootOf('<!DOCTYPE b [<!ENTITY x "y">]>\n<testsuites>'), 'testsuites')
  })

  it('gives nothing for text that does not begin like XML, or never gets to an element', () => {
    for (const text of ['TN:\nSF:a', '{"a":1}', '<', '<!-- never closed', '<?xml never closed', '<!DOCTYPE', '<!ELEMENT a>', '< a>'])
      assert.equal(xmlRootOf(text), undefined, text)
  })

  it('reads XML in the single-byte encoding that its declaration names', () => {
    const seen: string[] = []
    const spy: ReportParser = {
      ...parser('a', true),
      parse: (source) => (seen.push(source.text), report({ name: 'a', version: null }, ['tests'], {})),
    }
    readReport(Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a b="\u00e9"/>', 'latin1'), 'a', [spy])
    assert.match(seen[0] ?? '', /b="\u00e9"/)
  })
})
