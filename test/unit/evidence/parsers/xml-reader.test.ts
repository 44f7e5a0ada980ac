import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { describe, it } from 'node:test'

import fc from 'fast-check'

import { AppError } from '../../../../src/core/app-error.ts'
import { readXml, xmlOpening, type XmlLimits } from '../../../../src/evidence/parsers/xml-reader.ts'
import { fixture, refusal } from '../reading.ts'

function events(text: string, limits?: XmlLimits): string[] {
  const heard: string[] = []
  readXml(
    'junit',
    text,
    {
      open: ({ name, attributes, line }, path) => heard.push(`${[...path, name].join('/')} ${JSON.stringify(attributes)} line ${line}`),
      close: (name) => heard.push(`/${name}`),
      text: (run) => heard.push(run),
    },
    limits,
  )
  return heard
}

function refused(text: string, code: string, sentence: RegExp, limits?: XmlLimits): void {
  assert.throws(
    () => events(text, limits),
    (error) => {
      assert.ok(error instanceof AppError)
      assert.equal(error.code, code)
      assert.match(error.message, sentence)
      return true
    },
  )
}

const SMALL: XmlLimits = { maxDepth: 3, maxAttributes: 2, maxElements: 5, maxStringLength: 10 }

describe('the XML reader', () => {
  it('tells of elements, text and CDATA with prefixes stripped and foreign attributes left out', () => {
    assert.deepEqual(events('<j:a xmlns:j="u" j:failures="0" failures="1">one &lt;<b/><![CDATA[<two>]]></j:a>'), [
      'a {"failures":"1"} line 1',
      'one <',
      'a/b {} line 1',
      '/b',
      '<two>',
      '/a',
    ])
  })

  it('counts lines, after a blank line in front of the declaration too', () => {
    assert.deepEqual(
      events('\n<?xml version="1.0"?>\n<a>\n<b c="1"/></a>').filter((event) => event.includes('line')),
      ['a {} line 3', 'a/b {"c":"1"} line 4'],
    )
  })

  it('reads documents that are larger than its chunks as one', () => {
    const cases = '<testcase name="größe 𝄞"/>\r\n'.repeat(20_000)
    const heard = events(`<testsuite>${cases}</testsuite>`)
    assert.equal(heard.filter((event) => event.startsWith('testsuite/testcase {"name":"größe 𝄞"}')).length, 20_000)
  })

  it('accepts a DOCTYPE that only names an external DTD', () => {
    for (const doctype of ['a', 'a SYSTEM "http://example.org/[a].dtd"', "a SYSTEM 'a.dtd' ", 'a PUBLIC "-//X//Y" "a.dtd"']) {
      assert.deepEqual(events(`<!DOCTYPE ${doctype}><a/>`), ['a {} line 1', '/a'], doctype)
    }
  })

  it('refuses an internal subset and entities with a code of their own, used or not, complete or not', () => {
    for (const text of [
      '<!DOCTYPE a []><a/>',
      '<!DOCTYPE a [<!ELEMENT a ANY>]><a/>',
      '<!DOCTYPE a SYSTEM "a.dtd" [<!ENTITY b "c">]><a>&b;</a>',
      '<!DOCTYPE a [<!ENTITY % b SYSTEM "file:///etc/passwd"> %b;]><a/>',
      '<!DOCTYPE a [<!ENTITY b "c">',
      '<!ENTITY b "c"><a/>',
    ]) {
      refused(text, 'xml_doctype_refused', /external DTD/)
    }
  })

  it('expands the predefined entities and character references, and nothing else', () => {
    assert.deepEqual(events('<a b="&#65;&#x42;">&lt;&gt;&amp;&quot;&apos;</a>'), ['a {"b":"AB"} line 1', '<>&"\'', '/a'])
    for (const entity of ['b', 'nbsp', 'constructor', '__proto__'])
      refused(`<a>&${entity};</a>`, 'report_malformed', /undefined entity$|undefined entity\./)
    refused('<a>&#0;</a>', 'report_malformed', /line 1/)
    refused('<a>&#xD800;</a>', 'report_malformed', /line 1/)
  })

  it('names the line where a document is broken or cut off', () => {
    refused('<a>\n<b>\n</a>', 'report_malformed', /line 3/)
    refused('<a>\n<b/>', 'report_malformed', /line 2: unclosed tag: a/)
    refused('<a b="1" b="2"/>', 'report_malformed', /duplicate attribute/)
    refused('<a/>\n<a/>', 'report_malformed', /line 2/)
    refused('<a/>trailing', 'report_malformed', /line 1/)
    refused('<a>\u0007</a>', 'report_malformed', /disallowed character/)
  })

  it('refuses what is not XML, and encodings that were not decoded', () => {
    refused('{"a":1}', 'report_wrong_format', /not XML/)
    refused('<?xml version="1.0" encoding="UTF-16"?><a/>', 'report_malformed', /UTF-16/)
    assert.equal(events('<?xml version="1.0" encoding="utf-8"?><a/>').length, 2)
  })

  it('bounds depth, elements, attributes and strings', () => {
    assert.equal(events('<a><b><c/></b></a>', SMALL).length, 6)
    refused('<a><b><c><d/></c></b></a>', 'report_too_complex', /deeper than 3/, SMALL)
    refused('<a><b/><b/><b/><b/><b/></a>', 'report_too_complex', /more than 5 elements/, SMALL)
    assert.equal(events('<a b="1" c="2"/>', SMALL).length, 2)
    refused('<a b="1" c="2" d="3"/>', 'report_too_complex', /more than 2 attributes/, SMALL)
    refused('<a b="12345678901"/>', 'report_too_complex', /longer than 10/, SMALL)
    refused('<a>12345678901</a>', 'report_too_complex', /longer than 10/, SMALL)
    refused('<a><![CDATA[12345678901]]></a>', 'report_too_complex', /longer than 10/, SMALL)
    refused('<a>'.repeat(200), 'report_too_complex', /deeper than 128/)
  })

  it('keeps attributes with the names of object members apart from the object', () => {
    assert.deepEqual(events('<a __proto__="1" constructor="2"/>'), ['a {"__proto__":"1","constructor":"2"} line 1', '/a'])
  })
})

describe('the opening of an XML document', () => {
  it('tells the root and its first child without reading on', () => {
    const opening = xmlOpening('<?xml version="1.0"?><!-- x --><c:coverage generated="1">\n<project> not closed')
    assert.equal(opening?.root.name, 'coverage')
    assert.equal(opening.root.attributes['generated'], '1')
    assert.equal(opening.firstChild, 'project')
  })

  it('is undefined for anything that does not begin like XML', () => {
    for (const text of ['', '{}', 'SF:a', '<', '<!-- only a comment -->', '<a', '< a>']) assert.equal(xmlOpening(text), undefined, text)
  })
})

describe('reading damaged XML reports', () => {
  const paths = ['cobertura', 'clover', 'junit'].flatMap((format) =>
    readdirSync(new URL(`../../../fixtures/${format}/`, import.meta.url)).map((name) => ({ format, path: `${format}/${name}` })),
  )

  it('never reads one that was cut off, at any byte', () => {
    assert.ok(paths.length > 12)
    for (const { format, path } of paths) {
      const whole = Buffer.from(Buffer.from(fixture(path)).toString('utf8').trimEnd())
      for (let length = 0; length < whole.length; length++) {
        assert.notEqual(refusal(whole.subarray(0, length), format), 'read', `${path} cut to ${length} bytes`)
      }
    }
  })

  it('reads or refuses, with a code, whatever takes the place of an attribute', () => {
    const choice = fc.tuple(
      fc.constantFrom(...paths),
      fc.nat(),
      fc.oneof(fc.string(), fc.integer().map(String), fc.constantFrom('NaN', '', '1e999', '&a;')),
    )
    fc.assert(
      fc.property(choice, ([{ format, path }, place, value]) => {
        const text = Buffer.from(fixture(path)).toString('utf8')
        const values = [...text.matchAll(/"[^"]*"/g)]
        const { index = 0, 0: old = '' } = values[place % values.length] ?? {}
        refusal(`${text.slice(0, index)}"${value}"${text.slice(index + old.length)}`, format)
      }),
      { numRuns: 500 },
    )
  })
})
