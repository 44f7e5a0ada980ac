import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'

import { bannedIn } from '../../../../../src/policy/authoring/rego/banned.ts'
import { readModule } from '../../../../../src/policy/authoring/rego/module.ts'
import { POLICIES } from '../../shipped-packs.ts'

const BANNED = new Set(JSON.parse(readFileSync(join(POLICIES, 'banned-builtins.json'), 'utf8')) as string[])

function found(...texts: string[]): string[] {
  const modules = texts.map((text, at) => readModule({ path: `${at}.rego`, text }))
  return bannedIn(modules, BANNED).map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`)
}

describe('Builtins that are not offered', () => {
  it('are named with file, line and column, however they are written', () => {
    const text = [
      'package main',
      '',
      'a := http.send({})',
      'b := http["send"]({})',
      '\tc if time\\u002enow_ns()',
      'd := time[`now_ns`]()',
      'e := io["jwt"].decode("")',
    ]
    assert.deepEqual(found(text.join('\n')), [
      '0.rego:3:6 http.send is not offered.',
      '0.rego:4:6 http.send is not offered.',
      '0.rego:6:6 time.now_ns is not offered.',
      '0.rego:7:6 io.jwt.decode is not offered.',
    ])
  })

  it('are found where they are no call: as what "with" puts in the place of a function, and as what it replaces', () => {
    assert.deepEqual(found('package a_test\ntest_a if count([]) == 0 with count as http.send\ntest_b if a.b with rand.intn as 4\n'), [
      '0.rego:2:40 http.send is not offered.',
      '0.rego:3:20 rand.intn is not offered.',
    ])
  })

  it('are found behind the alias of the module that wraps them', () => {
    assert.deepEqual(
      found('package main\nimport data.lib.web as w\ndeny contains w.get("x")\n', 'package lib.web\nget(x) := http.send({"url": x})\n'),
      ['1.rego:2:11 http.send is not offered.'],
    )
  })

  it('are found in the expressions of template strings, also in one within another', () => {
    const text =
      'package main\na := $"now {time.now_ns()} and \\{http.send\\} {$`{opa.runtime()} rand.intn`}, done"\nb := rand.intn("a", 3)\n'
    assert.deepEqual(found(text), [
      '0.rego:2:13 time.now_ns is not offered.',
      '0.rego:2:50 opa.runtime is not offered.',
      '0.rego:3:6 rand.intn is not offered.',
    ])
  })

  it('are not found in comments and strings', () => {
    const text = [
      'package main',
      '# http.send({})',
      'a := "http.send(\\"x\\")" # time.now_ns()',
      'b := `',
      'http.send({})',
      '# "` # rand.intn()',
      'c := {"time.now_ns": 1}',
    ]
    assert.deepEqual(found(text.join('\n')), [])
  })

  it('are not taken for what else has their name: fields, imports, rules of the same package', () => {
    const others = [
      'package main\nimport input.http\na if http.send == 1\nb if input.http.send == 1\nc if data.time.now_ns\nd if x["time"].now_ns',
      'package other\nimport data.lib.web as http\na := http.send',
      'package own\ntrace(x) := x\na := trace(1)\nopa := {"runtime": 1}\nb := opa.runtime',
      'package words\na := any\nb := [x | some x in input.trace]',
    ]
    assert.deepEqual(found(...others), [])
  })

  it('are single words only where they are called', () => {
    assert.deepEqual(found('package main\na := trace("x")\nb := indexof_n("a", "a")\nc := trace\n'), [
      '0.rego:2:6 trace is not offered.',
      '0.rego:3:6 indexof_n is not offered.',
    ])
  })

  it('are found in a module that is no Rego, and in a time that grows with its length', () => {
    for (const hostile of ['"', '`', '$"{', '# METADATA\n', 'import data\n', '{[(', '\\', 'package ', 'a[', 'x.', '# METADATA\n# a: [\n']) {
      const started = performance.now()
      const [first] = found(`http.send\n${hostile.repeat(200_000 / hostile.length)}`)
      assert.equal(first, '0.rego:1:1 http.send is not offered.', hostile)
      assert.ok(performance.now() - started < 10_000, hostile)
    }
  })
})
