import { deepEqual, equal, ok, throws } from 'node:assert/strict'
import { describe, it } from 'node:test'

import { readDocuments, writeDocument } from '../../../../src/governance/resources/documents.ts'

const read = (text: string): unknown[] => readDocuments('f.yaml', text).map(({ line, value }) => [line, value])

describe('A file of documents', () => {
  it('holds several, each at its line; empty ones are none', () => {
    deepEqual(read('# first\nkind: A\n---\n---\n# third\n\nkind: B\n'), [
      [2, { kind: 'A' }],
      [7, { kind: 'B' }],
    ])
    deepEqual(read(''), [])
  })

  it('reads yes, no, times and dates as the texts that they are', () => {
    deepEqual(read('a: no\nb: 09:00\nc: 2027-01-01\nd: 0o17\n'), [[1, { a: 'no', b: '09:00', c: '2027-01-01', d: 15 }]])
  })

  for (const [what, text, line] of [
    ['a key twice', 'kind: A\nname: x\nkind: B\n', 3],
    ['a key twice further within', 'a:\n  b: 1\n  b: 2\n', 3],
    ['a tag of its own', 'kind: A\nspec: !!js/function x\n', 2],
    ['what is no map', '- kind: A\n', 1],
    ['a text', 'hello\n', 1],
    ['what is no YAML', 'kind: [A\n', 1],
    ['an alias that nothing anchors', 'kind: *x\n', 1],
  ] as const) {
    it(`refuses ${what}, and says where`, () => {
      throws(
        () => read(text),
        (error: Error) => {
          ok(error.message.startsWith('f.yaml:'), error.message)
          if (what !== 'what is no YAML') ok(error.message.startsWith(`f.yaml:${line}: `), error.message)
          return true
        },
      )
    })
  }

  it('refuses aliases that multiply, at once', () => {
    const levels = Array.from(
      { length: 9 },
      (_, at) => `l${at + 1}: &l${at + 1} [${Array.from({ length: 9 }, () => `*l${at}`).join(', ')}]`,
    )
    const began = performance.now()
    throws(() => read(`l0: &l0 [x]\n${levels.join('\n')}\n`))
    ok(performance.now() - began < 1000)
  })

  it('refuses one that is too long', () => {
    throws(() => read(`a: ${'x'.repeat(1024 * 1024)}`))
  })

  it('never takes a key for more than a key', () => {
    const [[, value] = []] = read('__proto__: {polluted: true}\n') as [number, object][]
    equal(Object.hasOwn(value ?? {}, '__proto__'), true)
    equal(({} as { polluted?: boolean }).polluted, undefined)
  })
})

describe('A document that is written', () => {
  it('is read as what it was, whatever its texts look like', () => {
    const spec = {
      a: 'no',
      b: '09:00',
      c: '2027-01-01',
      d: 'x: y\n# z',
      e: ['*x', '&y', '!z', '~', ''],
      f: { 'a b': 1.5, g: null },
      h: '0x10',
    }
    const [document] = readDocuments('f.yaml', writeDocument({ kind: 'Window', name: 'w', spec }))
    deepEqual(document?.value, { apiVersion: 'portcullis/v1', kind: 'Window', name: 'w', spec })
  })
})
