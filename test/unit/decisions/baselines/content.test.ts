import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import fc from 'fast-check'

import {
  baselineSet,
  contentOf,
  narrowed,
  readBaselineSet,
  united,
  type BaselineContent,
} from '../../../../src/decisions/baselines/content.ts'
import { entriesOf, heldAmong, occurrencesOf, type Occurrence } from '../../../../src/decisions/baselines/entries.ts'
import type { EvidenceDocument } from '../../../../src/evidence/index.ts'
import { documentOf, vulnerability } from '../../../support/evidence.ts'

const occurrence = fc.record({ key: fc.constantFrom('a', 'b', 'c'), detail: fc.constantFrom('', '1', '2') })
const occurrences = fc.array(occurrence, { maxLength: 12 })

function entries(list: readonly Occurrence[]): BaselineContent {
  return { kind: 'entries', entries: entriesOf(list) }
}

function floors(lines: number | null, branches: number | null = null): BaselineContent {
  return { kind: 'floors', floors: { lines, branches, functions: null } }
}

function perKey(list: readonly Occurrence[]): Record<string, number> {
  return Object.fromEntries(Object.entries(Object.groupBy(list, ({ key }) => key)).map(([key, of]) => [key, of?.length ?? 0]))
}

describe('what a baseline holds among occurrences', () => {
  it('is as many of each key as it counts, and no more', () => {
    fc.assert(
      fc.property(occurrences, occurrences, (old, found) => {
        const held = heldAmong(entriesOf(old), found)
        const wanted = perKey(old)
        const expected = Object.entries(perKey(found)).reduce((sum, [key, count]) => sum + Math.min(count, wanted[key] ?? 0), 0)
        assert.equal(held.filter(Boolean).length, expected)
      }),
    )
  })

  it('is first what was found in the same way, so that the new one is named', () => {
    const found = [
      { key: 'a', detail: 'new' },
      { key: 'a', detail: 'old' },
    ]
    assert.deepEqual(heldAmong(entriesOf([{ key: 'a', detail: 'old' }]), found), [false, true])
    assert.deepEqual(heldAmong(entriesOf([{ key: 'a', detail: 'moved' }]), found), [true, false])
  })

  it('does not depend on the version of a package or the line of a file', () => {
    const old = occurrencesOf([
      vulnerability('CVE-1', 'high'),
      vulnerability('R1', 'high', { purl: null, package: null, version: null, location: 'a.ts:3' }),
    ])
    const now = occurrencesOf([
      vulnerability('CVE-1', 'high', { purl: 'pkg:deb/debian/openssl@3.0.15', version: '3.0.15' }),
      vulnerability('R1', 'high', { purl: null, package: null, version: null, location: 'a.ts:9' }),
    ])
    assert.deepEqual(heldAmong(entriesOf(old), now), [true, true])
  })

  it('is found quickly among very many of one key', () => {
    const timeOf = (keyOf: (at: number) => string): number => {
      const many = Array.from({ length: 100_000 }, (_, at) => ({ key: keyOf(at), detail: String(at) }))
      const started = performance.now()
      const set = baselineSet(entries(many))
      narrowed(set, entries(many.slice(1)))
      assert.equal(heldAmong(entriesOf(many), many).filter(Boolean).length, many.length)
      return performance.now() - started
    }
    const [apart, alike] = [timeOf(String), timeOf(() => 'a')]
    assert.ok(alike < 10 * apart, `${alike} ms where all have one key, ${apart} ms where each has its own`)
  })
})

describe('a set that is narrowed', () => {
  it('never grows, for any reports in any order', () => {
    fc.assert(
      fc.property(occurrences, fc.array(occurrences, { maxLength: 5 }), (old, reports) => {
        let set = baselineSet(entries(old))
        for (const report of reports) {
          const next = narrowed(set, entries(report))
          assert.ok(next.count <= set.count)
          const [held, left] = [perKey(old), perKey(flat(next.content))]
          for (const [key, count] of Object.entries(left)) assert.ok(count <= (held[key] ?? 0))
          for (const [key, count] of Object.entries(left)) assert.ok(count <= (perKey(report)[key] ?? 0))
          set = next
        }
      }),
    )
  })

  it('is the same by two reports whichever comes first, as to what it excuses', () => {
    fc.assert(
      fc.property(occurrences, occurrences, occurrences, (old, one, other) => {
        const set = baselineSet(entries(old))
        const there = narrowed(narrowed(set, entries(one)), entries(other))
        const back = narrowed(narrowed(set, entries(other)), entries(one))
        assert.deepEqual(perKey(flat(there.content)), perKey(flat(back.content)))
      }),
    )
  })

  it('stays the very same while nothing was paid', () => {
    const set = baselineSet(entries([{ key: 'a', detail: 'line 1' }]))
    assert.equal(
      narrowed(
        set,
        entries([
          { key: 'a', detail: 'line 2' },
          { key: 'b', detail: '' },
        ]),
      ),
      set,
    )
  })

  it('holds coverage at what was reached, and never holds what was not measured at first', () => {
    const set = baselineSet(floors(40))
    assert.equal(set.count, 60)
    assert.deepEqual(narrowed(set, floors(55.5, 90)).content, floors(55.5))
    assert.equal(narrowed(set, floors(55.5)).count, 45)
    assert.equal(narrowed(set, floors(30)).digest, set.digest)
    assert.equal(narrowed(set, floors(null)).digest, set.digest)
  })
})

describe('what reports show together', () => {
  it('is of each occurrence as many as one of them shows, and the least coverage', () => {
    const [a, b] = [
      { key: 'a', detail: '' },
      { key: 'b', detail: '' },
    ]
    assert.deepEqual(united([entries([a, a]), entries([a, b])]), entries([a, a, b]))
    assert.deepEqual(united([floors(70, null), floors(40, 10)]), floors(40, 10))
    assert.equal(united([]), undefined)
  })
})

describe('what a report holds of a class', () => {
  const document: EvidenceDocument = {
    ...documentOf([vulnerability('CVE-1', 'high'), vulnerability('R1', 'low', { class: 'sast', suppressed: true })]),
    tests: {
      ...{ total: 3, passed: 1, failed: 1, errored: 1, skipped: 0, passedNames: ['works'], flaky: [] },
      failing: [
        { suite: 'login', name: 'fails', message: 'no', outcome: 'failed' },
        { suite: null, name: 'errs', message: null, outcome: 'errored' },
      ],
    },
    coverage: { lines: { covered: 1, total: 3 }, branches: null, functions: null },
  }
  const keys = (content: BaselineContent) => (content.kind === 'entries' ? content.entries.map(([key]) => key) : [])

  it('is its findings of that class, those that the tool suppressed included', () => {
    assert.deepEqual(keys(contentOf(document, 'vulnerabilities')), ['CVE-1 pkg:deb/debian/openssl'])
    assert.deepEqual(keys(contentOf(document, 'sast')), ['R1 pkg:deb/debian/openssl'])
    assert.deepEqual(keys(contentOf(document, 'secrets')), [])
  })

  it('is the names of its failing tests, or its percentages', () => {
    assert.deepEqual(keys(contentOf(document, 'tests')), ['errs', 'login › fails'])
    assert.deepEqual(contentOf(document, 'coverage'), floors(33.33))
  })

  it('is read back as it was written, under the same digest', () => {
    for (const name of ['vulnerabilities', 'tests', 'coverage'] as const) {
      const set = baselineSet(contentOf(document, name))
      assert.deepEqual(readBaselineSet(set.text), set)
    }
  })
})

function flat(content: BaselineContent): Occurrence[] {
  if (content.kind !== 'entries') return []
  return content.entries.flatMap(([key, detail, count]) => Array.from({ length: count }, () => ({ key, detail })))
}
