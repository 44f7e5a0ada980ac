import { deepEqual, match, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'

import type { EvidenceClass } from '../../src/core/evidence-class.ts'
import { PARSERS } from '../../src/evidence/formats.ts'
import type { ReportParser } from '../../src/evidence/parser.ts'

/** The families of docs/evidence.md, with the kinds of evidence that stand in each. */
const FAMILIES: Readonly<Record<string, readonly EvidenceClass[]>> = {
  Vulnerabilities: ['vulnerabilities'],
  'Static analysis, secrets, infrastructure': ['misconfigurations', 'secrets', 'sast', 'dast', 'quality'],
  Coverage: ['coverage'],
  Tests: ['tests'],
  'Performance and migrations': ['performance', 'metrics', 'migrations'],
  'Images and exploitability': ['index', 'vex'],
  Manifests: ['manifests'],
  Changes: ['change'],
  Reviews: ['source-review'],
  'Change management': ['change-record'],
  'Rollback drills': ['rollback-drill'],
  'Any other tool': ['json'],
}

/** Can speak for any class that has findings. */
const FOR_ANY_TOOL = 'findings'

function familyOf({ format, classes }: ReportParser): EvidenceClass {
  return format === FOR_ANY_TOOL ? 'json' : classes[0]
}

const page = readFileSync('docs/evidence.md', 'utf8')
const families = page
  .split(/^## /m)
  .slice(1)
  .map((text) => ({ name: text.slice(0, text.indexOf('\n')), formats: text.split(/^### /m).slice(1) }))
const idOf = (section: string): string => section.slice(0, section.indexOf('\n'))

describe('docs/evidence.md', () => {
  for (const { name, formats } of families.filter((family) => FAMILIES[family.name])) {
    it(`has all formats of ${name}, in alphabetical order`, () => {
      const known = PARSERS.filter((parser) => FAMILIES[name]?.includes(familyOf(parser))).map(({ format }) => format)
      deepEqual(formats.map(idOf), known.sort())
    })
  }

  it('lists all of its sections at the top, in their order', () => {
    const listed = [...page.slice(0, page.indexOf('\n## ')).matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor)
    deepEqual(
      listed,
      [...page.matchAll(/^###? (.+)$/gm)].map(([, heading = '']) =>
        heading
          .toLowerCase()
          .replaceAll(/[^a-z0-9 -]/g, '')
          .replaceAll(' ', '-'),
      ),
    )
  })

  it('names every format that can be read', () => {
    const named = new Set(families.flatMap(({ formats }) => formats.map(idOf)))
    deepEqual(
      PARSERS.map(({ format }) => format).filter((format) => !named.has(format)),
      [],
    )
  })

  it('names no format that can not be read, and none twice', () => {
    const named = families.flatMap(({ formats }) => formats.map(idOf))
    ok(named.length > 0)
    deepEqual(
      named.filter((format, at) => named.indexOf(format) !== at || !PARSERS.some((parser) => parser.format === format)),
      [],
    )
  })

  it('tells of each format what it counts, the command that writes it and the one that posts it', () => {
    for (const section of families.flatMap(({ formats }) => formats)) {
      match(
        section,
        /^[a-z0-9-]+\n\n\S[^]*\n```sh\n\S[^]*\ncurl -sS [^\n]*--data-binary @\S+ "\$URL\/v1\/evidence\?subject=\$SUBJECT[^"]*"\n```\n+$/,
        idOf(section),
      )
    }
  })
})
