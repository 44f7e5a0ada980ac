import { describe, it } from 'node:test'
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { HOST_BUILTINS } from '../../src/policy/engine/builtins/index.ts'
import { parseRego } from '../../src/policy/engine/builtins/parse-rego.ts'
import { compilePack } from '../../src/policy/engine/compiled-pack.ts'
import { PackRunner } from '../../src/policy/engine/pack-runner.ts'
import { compileRego, evalRego } from '../support/opa.ts'
import { pick, randomFrom, type Random } from '../support/random.ts'
import { requireTool } from '../support/tools.ts'

const opa = requireTool('opa')
const CAPABILITIES = join(import.meta.dirname, '../../policies/capabilities.json')
const SEED = Number(process.env['PORTCULLIS_TEST_SEED'] ?? 20_261_121)

/** Evaluates `results` by our engine and by the CLI's interpreter over the same input, and compares item by item. */
async function assertEqualToOpa(name: string, body: string, input: Record<string, unknown>, describeCase: (index: number) => unknown) {
  const path = opa.path ?? ''
  const module = `results := [[answer(c) | some c in input.cases]]\n${body}`
  const runner = new PackRunner(await compilePack(compileRego(path, name, module)), { initial: 16, maximum: 16_384 })
  const outcome = runner.run(exactJson(input))
  assert.ok(outcome.ok, outcome.ok ? '' : outcome.reason)
  const ours = outcome.results[0] as unknown[]
  const theirs = (evalRego(path, `data.portcullis.${name}.results`, `package portcullis.${name}\n${module}`, input) as unknown[][])[0] ?? []
  assert.equal(ours.length, (input['cases'] as unknown[]).length)
  for (const [index, answer] of ours.entries()) {
    assert.deepEqual(answer, theirs[index], `seed ${SEED}, case ${exactJson(describeCase(index))}`)
  }
}

describe('the builtins that the evaluator offers, against OPA itself', { skip: opa.skip }, () => {
  const random = randomFrom(SEED)

  it('read clock, date, weekday and format of an instant in a zone as OPA does', async () => {
    const zones = comparableZones()
    assert.ok(zones.length >= 12)
    const cases = Array.from({ length: 2000 }, () => instant(random, zones)).flatMap((ns) => zones.map((zone) => [ns, zone]))
    const body = `answer(c) := [[v | v := time.clock(c)], [v | v := time.date(c)], [v | v := time.weekday(c)], [v | v := time.format(c)]]`
    await assertEqualToOpa('zoned', body, { cases }, (index) => cases[index])
  })

  it('add dates and take differences as OPA does, also across changes of the clock', async () => {
    const zones = comparableZones()
    const cases = Array.from({ length: 4000 }, () => {
      const near = random() < 0.5
      const delta = near ? [0, 0, integer(random, -2, 2)] : [integer(random, -30, 30), integer(random, -40, 40), integer(random, -900, 900)]
      return { a: [instant(random, zones), pick(random, zones)], b: [instant(random, zones), pick(random, zones)], delta }
    })
    const body = `answer(c) := [[json.marshal(v) | v := time.add_date(c.a, c.delta[0], c.delta[1], c.delta[2])], [v | v := time.diff(c.a, c.b)]]`
    await assertEqualToOpa('arithmetic', body, { cases }, (index) => cases[index])
  })

  it('treat instants out of range, unknown zones and operands of the wrong type as OPA does', async () => {
    const instants = [0, -1, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 63n, 10n ** 30n, 1.5, '1', null, true, [], {}]
    const zones = ['UTC', '', 'Europe/Berlin', 'europe/berlin', 'Europe/Atlantis', '+02:00', 'Etc/GMT+5', 5, null]
    const cases: unknown[] = [
      ...instants,
      ...instants.flatMap((ns) => zones.map((zone) => [ns, zone])),
      [1, 'UTC', 5],
      [1, 'UTC', 'RFC822', 1],
    ]
    const body = `answer(c) := [[v | v := time.clock(c)], [v | v := time.format(c)], [json.marshal(v) | v := time.add_date(c, 0, 0, 1)], [v | v := time.diff(c, 0)],
      [json.marshal(v) | v := time.add_date(c, 300, 0, 0)], [v | v := time.add_date(c, input.half, 0, 0)], [v | v := time.add_date(c, 0, 9999999999, 0)], [v | v := time.add_date(c, 0, 0, input.word)]]`
    await assertEqualToOpa('edges', body, { cases, half: 1.5, word: '1' }, (index) => cases[index])
  })

  it('format by any Go layout as OPA does, but for the abbreviation of a zone', async () => {
    const pieces = [
      '2006',
      '06',
      '01',
      '1',
      'Jan',
      'January',
      'Janus',
      '02',
      '2',
      '_2',
      '_2006',
      '__2',
      '__2006',
      '002',
      '15',
      '3',
      '03',
      '4',
      '04',
      '5',
      '05',
      'PM',
      'pm',
      'Mon',
    ]
      .concat([
        'Monday',
        'Month',
        '.000',
        ',000000',
        '.999',
        ',999999999',
        '.0001',
        'Z07:00',
        'Z0700',
        'Z07',
        'Z070000',
        'Z07:00:00',
        '-07:00',
        '-0700',
        '-07',
        '-070000',
      ])
      .concat(['-07:00:00', ' ', '-', ':', 'T', '/', '0', '00', 'é', 'RFC3339'])
    const zones = comparableZones()
    const cases: unknown[] = Array.from({ length: 3000 }, () => {
      const layout = Array.from({ length: integer(random, 1, 9) }, () => pick(random, pieces)).join('')
      return [instant(random, zones), pick(random, zones), layout]
    })
    for (const name of ['ANSIC', 'UnixDate', 'RubyDate', 'RFC822', 'RFC822Z', 'RFC850', 'RFC1123', 'RFC1123Z', 'RFC3339', 'RFC3339Nano']) {
      cases.push([instant(random, zones), 'UTC', name])
    }
    await assertEqualToOpa('layouts', 'answer(c) := [v | v := time.format(c)]', { cases }, (index) => cases[index])
  })

  it('read RFC 3339 times and durations as OPA does, broken ones too', async () => {
    const cases = Array.from({ length: 6000 }, () => (random() < 0.5 ? mutate(random, rfc3339(random)) : mutate(random, duration(random))))
    cases.push(
      '',
      '0',
      '-0',
      '1d',
      '1.5w',
      '2y',
      '1d2h30m',
      '1x',
      '1e3s',
      '.5h',
      '-.5d',
      '106751d',
      '106752d',
      '292y',
      '293y',
      '0.0000001d',
      '1.2.3d',
      'd',
      '9223372036854775807ns',
    )
    cases.push(
      '9223372036854775808ns',
      '-9223372036854775808ns',
      '1µs',
      '1μs',
      '1µs1d',
      '2024-02-29T1:30:00Z',
      '2023-02-29T01:30:00Z',
      '2024-01-01T00:00:00+24:60',
      '0050-01-01T00:00:00Z',
    )
    const body = 'answer(c) := [[json.marshal(v) | v := time.parse_rfc3339_ns(c)], [json.marshal(v) | v := time.parse_duration_ns(c)]]'
    await assertEqualToOpa('texts', body, { cases }, (index) => cases[index])
  })

  it('compare versions as OPA does, invalid ones too', async () => {
    const cases: unknown[] = Array.from({ length: 6000 }, () => [version(random), version(random)])
    cases.push(
      [1, '1.0.0'],
      ['1.0.0', null],
      ['9223372036854775808.0.0', '1.0.0'],
      ['1.0.0-9223372036854775808', '1.0.0-9223372036854775807.1'],
    )
    const body = 'answer(c) := [[v | v := semver.compare(c[0], c[1])], [v | v := semver.is_valid(c[0])]]'
    await assertEqualToOpa('versions', body, { cases }, (index) => cases[index])
  })

  it('match and count strings and find subsets as OPA does', async () => {
    const words = ['', 'a', 'ab', 'aba', 'b', 'é', '😀', 'a*b', '[x]', '{y}?\\', 1, null]
    const value = (depth: number): unknown => {
      const kind = random()
      if (depth === 0 || kind < 0.4) return pick(random, [...words, 2, 1.0, true, false])
      const items = Array.from({ length: integer(random, 0, 3) }, () => value(depth - 1))
      return kind < 0.7 ? items : Object.fromEntries(items.map((item, index) => ['xyz'[index], item]))
    }
    const operand = () => (random() < 0.3 ? pick(random, words) : Array.from({ length: integer(random, 0, 3) }, () => pick(random, words)))
    const cases = Array.from({ length: 4000 }, () => ({ a: operand(), b: operand(), x: value(3), y: value(2) }))
    const body = `
answer(c) := [
  [v | v := strings.any_prefix_match(c.a, c.b)], [v | v := strings.any_suffix_match(c.a, sets(c.b))], [v | v := strings.count(c.a, c.b)], [v | v := glob.quote_meta(c.a)],
  [v | v := object.subset(c.x, c.y)], [v | v := object.subset(c.x, sets(c.y))], [v | v := object.subset({"k": sets(c.x)}, {"k": sets(c.y)})], [v | v := object.subset(c.x, c.x)],
]
sets(x) := {e | some e in x} if is_array(x)
sets(x) := x if not is_array(x)`
    await assertEqualToOpa('collections', body, { cases }, (index) => cases[index])
  })

  it('format text as OPA does', async () => {
    const verbs = [
      '%s',
      '%d',
      '%v',
      '%q',
      '%t',
      '%f',
      '%5s',
      '%-5s|',
      '%05d',
      '%+d',
      '%.2f',
      '%8.3f',
      '%-8v|',
      '%%',
      '%y',
      '%e',
      '%g',
      '%.1s',
      '% d',
      '%06.1f',
      '%',
      '%!',
      '%.3d',
      '%+v',
      '%z',
      '%.3g',
      '%.0v',
      '%9.2v',
      '%.0f',
      '%.1e',
      '%.2g',
    ]
    const values = [
      'a',
      'é"\n',
      '😀\u0001',
      0,
      5,
      -7,
      3.5,
      1e21,
      1e-7,
      123456.5,
      1234567.5,
      2n ** 70n,
      true,
      null,
      [1, 'x', [true]],
      { b: 1, a: { c: [] } },
      [],
      {},
    ]
    const drawn = Array.from({ length: 5000 }, () => ({
      format: Array.from({ length: integer(random, 0, 4) }, () => pick(random, verbs) + pick(random, ['', ' ', 'x'])).join(''),
      values: Array.from({ length: integer(random, 0, 4) }, () => pick(random, values)),
      word: 'a',
    }))
    const cases = drawn.filter(({ format, values: operands }) => isOffered(format, operands))
    assert.ok(cases.length > drawn.length / 2)
    for (const value of ['é', '', 255, -255, 2n ** 70n]) cases.push({ format: '%x %X', values: [value, value], word: 'b' })
    for (const value of [0.5, 1.5, 2.5, 0.125, 0.375, 2.25, 1e22, 5e-324, 1.7976931348623157e308, 9.5, 99.5, 0.1, 1e-5, 123456789]) {
      cases.push({ format: '%.0f %.2f %f %.0e %.1e %.1g %.2g %g %v', values: Array.from({ length: 9 }, () => value), word: 'c' })
    }
    const body = `
answer(c) := [[v | v := sprintf(c.format, c.values)], [v | v := sprintf("%v %v", [{e | some e in c.values}, {{e: 1} | some e in c.values}])], [v | v := sprintf(c.word, c.format)]]`
    await assertEqualToOpa('texts_out', body, { cases }, (index) => cases[index])
  })
})

describe('policies/capabilities.json', { skip: opa.skip }, () => {
  const listed = JSON.parse(readFileSync(CAPABILITIES, 'utf8')) as { builtins: { name: string; decl: { args?: unknown[] } }[] }

  it('names every builtin that the host offers, and nothing that the evaluator lacks', async () => {
    const names = new Set(listed.builtins.map(({ name }) => name))
    assert.deepEqual(
      [...HOST_BUILTINS.keys()].filter((name) => !names.has(name)),
      [],
    )
    const forCompiler = new Set(['eq', 'assign', 'print', 'internal.print'])
    const calls = listed.builtins
      .filter(({ name }) => !forCompiler.has(name))
      .map(({ name, decl }) => `x := ${name}(${(decl.args ?? []).map((_, i) => `input.operand${i}`).join(', ')})`)
    const body = `results := [${calls.map((_, index) => `r${index}`).join(', ')}]\n${calls.map((call, index) => `r${index} := x if ${call}`).join('\n')}`
    // Refuses a policy that calls anything that isn't offered.
    await compilePack(compileRego(opa.path ?? '', 'everything', body))
  })

  for (const call of [
    'time.now_ns()',
    'http.send({})',
    'rand.intn("a", 2)',
    'opa.runtime()',
    'uuid.rfc4122("a")',
    'net.lookup_ip_addr("a")',
    'io.jwt.decode("a")',
    'yaml.unmarshal("a")',
  ]) {
    it(`makes opa build refuse ${call}`, () => {
      const folder = mkdtempSync(join(tmpdir(), 'portcullis-banned-'))
      try {
        writeFileSync(join(folder, 'p.rego'), `package p\n\nresults := [x | x := ${call}]\n`)
        const options = ['build', '-t', 'wasm', '-O', '0', '-e', 'p/results', '-o', 'b.tar.gz', 'p.rego']
        execFileSync(opa.path ?? '', options, { cwd: folder })
        const { status, stdout } = spawnSync(opa.path ?? '', [...options, '--capabilities', CAPABILITIES], {
          cwd: folder,
          encoding: 'utf8',
        })
        assert.notEqual(status, 0)
        assert.match(stdout, /undefined function/)
      } finally {
        rmSync(folder, { recursive: true })
      }
    })
  }
})

/** Zones with odd rules: half-hour and negative summer time, changes of the date line, quarter-hour offsets. */
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'Europe/London',
  'Europe/Dublin',
  'America/New_York',
  'America/Los_Angeles',
  'America/St_Johns',
  'America/Sao_Paulo',
  'Asia/Kolkata',
].concat([
  'Asia/Kathmandu',
  'Asia/Tokyo',
  'Asia/Tehran',
  'Australia/Sydney',
  'Australia/Lord_Howe',
  'Pacific/Auckland',
  'Pacific/Apia',
  'Pacific/Chatham',
  'America/Santiago',
])

/** Morocco's rules are announced year by year, so they are compared only if both sides have the same edition of the time zone database. */
function comparableZones(): string[] {
  return editionOfOpa() === process.versions['tz'] ? [...ZONES, 'Africa/Casablanca'] : ZONES
}

/** OPA reads the system's database where there is one. */
function editionOfOpa(): string | undefined {
  try {
    return /^# version (\S+)/.exec(readFileSync('/usr/share/zoneinfo/tzdata.zi', 'utf8'))?.[1]
  } catch {
    return undefined
  }
}

const FROM = Date.UTC(1972, 0, 1)
const TO = Date.UTC(2100, 0, 1)

/** An instant in nanoseconds; every other one within hours of a change of some zone's clock. */
function instant(random: Random, zones: readonly string[]): bigint {
  const ns = BigInt(integer(random, FROM, TO)) * 1_000_000n + BigInt(integer(random, 0, 999_999))
  if (random() < 0.5) return ns
  const change = new Temporal.ZonedDateTime(ns, pick(random, zones)).getTimeZoneTransition('previous')
  return (change?.epochNanoseconds ?? ns) + BigInt(integer(random, -26 * 3600, 26 * 3600)) * 1_000_000_000n - BigInt(integer(random, 0, 1))
}

function integer(random: Random, from: number, to: number): number {
  return from + Math.floor(random() * (to - from + 1))
}

function rfc3339(random: Random): string {
  const text = new Date(integer(random, Date.UTC(1670, 0, 1), Date.UTC(2270, 0, 1))).toISOString().slice(0, 19)
  return (
    text +
    pick(random, ['', '.5', ',25', '.123456789', '.1234567899', '.']) +
    pick(random, ['Z', '+02:00', '-11:30', '+24:00', '-00:60', 'z', ''])
  )
}

function duration(random: Random): string {
  const part = () =>
    `${pick(random, ['0', '1', '12', '1.5', '.25', '3.', '007', '1000000'])}${pick(random, ['h', 'm', 's', 'ms', 'us', 'µs', 'ns', 'd', 'w', 'y'])}`
  return pick(random, ['', '-', '+']) + Array.from({ length: integer(random, 1, 3) }, part).join('')
}

/** Now and then replaces, drops or repeats a character. */
function mutate(random: Random, text: string): string {
  if (random() < 0.6) return text
  const at = integer(random, 0, Math.max(0, text.length - 1))
  return (
    text.slice(0, at) +
    pick(random, ['', '0', '9', 'T', 't', ':', '-', 'Z', '.', 'd', text.slice(at, at + 1).repeat(2)]) +
    text.slice(at + 1)
  )
}

function version(random: Random): string {
  const number = () => pick(random, ['0', '1', '2', '10', '01', '9223372036854775807', ''])
  const core = Array.from({ length: random() < 0.9 ? 3 : integer(random, 1, 4) }, () =>
    random() < 0.9 ? String(integer(random, 0, 3)) : number(),
  ).join('.')
  const label = () =>
    Array.from({ length: integer(random, 1, 3) }, () =>
      pick(random, ['alpha', 'beta', 'rc', '1', '2', '11', '01', '0', 'x-y', '-', '', 'é']),
    ).join('.')
  return pick(random, ['', '', 'v', 'V', ' ']) + core + (random() < 0.5 ? `-${label()}` : '') + (random() < 0.3 ? `+${label()}` : '')
}

/** Leaves out what sprintf refuses rather than answer differently. */
function isOffered(format: string, values: unknown[]): boolean {
  try {
    HOST_BUILTINS.get('sprintf')?.(format, parseRego(exactJson(values)))
    return true
  } catch (error) {
    assert.match(String(error), /is not offered/)
    return false
  }
}

function exactJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? JSON.rawJSON(String(item)) : item))
}
