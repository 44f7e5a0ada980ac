import { before, describe, it } from 'node:test'
import assert from 'node:assert/strict'

import { createEvaluator, type EvaluatorOptions } from '../../../../src/policy/engine/create-evaluator.ts'
import type { LoadedPack } from '../../../../src/policy/engine/load-packs.ts'
import type { EvaluationOutcome, PolicyEvaluator } from '../../../../src/policy/evaluator.ts'
import { compileRego } from '../../../support/opa.ts'
import { requireTool } from '../../../support/tools.ts'

const opa = requireTool('opa')

/** Runs for seconds with `spin`, else answers at once. */
const SPINNER = `results := [input.name] if not input.spin
results := [x | some i in numbers.range(1, 3000); some j in numbers.range(1, 3000); i * j == -1; x := i] if input.spin`

describe('the evaluator', { skip: opa.skip }, () => {
  const compiled = (name: string, body: string): LoadedPack => compileRego(opa.path ?? '', name, body)
  let packs: Record<
    'echo' | 'spinner' | 'conflicting' | 'sets' | 'undefined' | 'text' | 'greedy' | 'copies' | 'operand' | 'unsupported' | 'bulky',
    LoadedPack
  >

  before(() => {
    packs = {
      echo: compiled('echo', 'results := [input.name]'),
      spinner: compiled('spinner', SPINNER),
      conflicting: compiled('conflicting', 'results := [1] if input.a\nresults := [2] if input.b'),
      sets: compiled('sets', 'results := [x | some x in {x | some x in input.items}]'),
      undefined: compiled('undefined', 'results := [1] if input.nothing'),
      text: compiled('text', 'results := "denied"'),
      greedy: compiled(
        'greedy',
        'results := [count(x)] if x := [[i, j] | some i in numbers.range(1, input.n); some j in numbers.range(1, input.n)]',
      ),
      copies: compiled('copies', 'results := [[input.value | some i in numbers.range(1, input.n); some j in numbers.range(1, input.n)]]'),
      operand: compiled('operand', 'results := [strings.count(sprintf("%v", [input.value]), "[")]'),
      unsupported: compiled('unsupported', 'results := [sprintf("%T", [1])]'),
      bulky: compiled('bulky', 'results := numbers.range(1, input.n)'),
    }
  })

  const start = (options: Partial<EvaluatorOptions> = {}) => createEvaluator({ packs: Object.values(packs), workers: 1, ...options })
  const evaluation = (of: LoadedPack, input: unknown) => ({
    pack: of.manifest.digest,
    input: typeof input === 'string' ? input : JSON.stringify(input),
  })
  const one = async (evaluator: PolicyEvaluator, of: LoadedPack, input: unknown): Promise<EvaluationOutcome> => {
    const [outcome] = await evaluator.evaluate([evaluation(of, input)])
    assert.ok(outcome)
    return outcome
  }
  const ok = (...results: unknown[]): EvaluationOutcome => ({ ok: true, results })
  const assertError = (outcome: EvaluationOutcome | undefined, reason: RegExp, code = 'policy_error'): void => {
    assert.ok(outcome && !outcome.ok, JSON.stringify(outcome))
    assert.equal(outcome.code, code)
    assert.match(outcome.reason, reason)
  }

  it('answers the packs of a decision in their order', async () => {
    await using evaluator = await start()
    assert.equal(evaluator.ready(), true)
    const inputs = ['a', 'b', 'c'].map((name) => evaluation(packs.echo, { name }))
    assert.deepEqual(await evaluator.evaluate(inputs), [ok('a'), ok('b'), ok('c')])
    assert.deepEqual(await evaluator.evaluate([]), [])
  })

  it('keeps answering good input after thousands of rule conflicts', async () => {
    await using evaluator = await start({ maxQueue: 5000 })
    const bad = await Promise.all(Array.from({ length: 1200 }, () => one(evaluator, packs.conflicting, { a: true, b: true })))
    for (const outcome of bad) assertError(outcome, /conflict/)
    assert.deepEqual(await one(evaluator, packs.conflicting, { a: true }), ok(1))
  })

  it('refuses an input that is not one JSON object rather than judging without input', async () => {
    await using evaluator = await start()
    for (const input of [
      '',
      '{',
      '{"a":',
      '{"name":"x"} trailing',
      '[]',
      'null',
      '"{}"',
      '\u0000',
      '{"a":1}{"b":2}',
      '{"a":}',
      '{"a"}',
      '{"a":1,}',
      '{a:1}',
      '{"a":"}',
    ]) {
      assertError(await one(evaluator, packs.undefined, input), /json/i)
    }
    assertError(await one(evaluator, packs.echo, `{"name":${'['.repeat(5000)}${']'.repeat(5000)}}`), /nested/)
    assert.deepEqual(await one(evaluator, packs.echo, { name: 'x' }), ok('x'))
  })

  it('reports an undefined result, a result that is no array, and a thrown error as policy errors', async () => {
    await using evaluator = await start()
    assertError(await one(evaluator, packs.undefined, {}), /undefined/)
    assertError(await one(evaluator, packs.text, {}), /array/)
    assertError(await one(evaluator, packs.unsupported, {}), /sprintf/)
    assertError(await one(evaluator, packs.bulky, { n: 10_001 }), /more than 10000 results/)
    assertError((await evaluator.evaluate([{ pack: 'sha256:unknown', input: '{}' }]))[0], /not loaded/)
  })

  it('returns the members of a set in the same order whatever order they came in', async () => {
    await using evaluator = await start()
    const items = [3, 'b', 10, { z: 1, a: [2] }, 'a', 2, null, ['x'], 'é', true]
    const first = await one(evaluator, packs.sets, { items })
    assert.ok(first.ok)
    assert.equal(first.results.length, items.length)
    assert.deepEqual(await one(evaluator, packs.sets, { items: items.toReversed() }), first)
    assert.deepEqual(
      first.results.map((each) => JSON.stringify(each)),
      first.results.map((each) => JSON.stringify(each)).toSorted(),
    )
  })

  it('ends a runaway policy, blames only it, and runs again what shared its worker', async () => {
    const lost: { pack: string | undefined; rerun: number }[] = []
    await using evaluator = await start({ deadlineMs: 150, hooks: { workerLost: (event) => lost.push(event) } })
    const [ahead, runaway, mixed, behind] = await Promise.all([
      one(evaluator, packs.echo, { name: 'ahead' }),
      one(evaluator, packs.spinner, { spin: true }),
      evaluator.evaluate([evaluation(packs.echo, { name: 'mixed' }), evaluation(packs.spinner, { name: 'calm' })]),
      one(evaluator, packs.echo, { name: 'behind' }),
    ])
    assertError(runaway, /longer than 150 ms/, 'policy_timeout')
    assert.deepEqual([ahead, mixed, behind], [ok('ahead'), [ok('mixed'), ok('calm')], ok('behind')])
    assert.deepEqual(
      lost.map(({ pack, rerun }) => [pack, rerun]),
      [[packs.spinner.manifest.digest, 3]],
    )
    assert.equal(evaluator.ready(), true)
  })

  it('answers the other packs of a decision of which one ran away', async () => {
    await using evaluator = await start({ deadlineMs: 100 })
    const outcomes = await evaluator.evaluate([
      evaluation(packs.echo, { name: 'a' }),
      evaluation(packs.spinner, { spin: true }),
      evaluation(packs.echo, { name: 'b' }),
    ])
    assertError(outcomes[1], /longer/, 'policy_timeout')
    assert.deepEqual([outcomes[0], outcomes[2]], [ok('a'), ok('b')])
  })

  it('lets no innocent decision time out behind several runaway policies', async () => {
    const reruns: number[] = []
    await using evaluator = await start({ deadlineMs: 100, hooks: { workerLost: ({ rerun }) => reruns.push(rerun) } })
    const outcomes = await Promise.all(Array.from({ length: 12 }, (_, n) => one(evaluator, packs.spinner, { name: n, spin: n % 4 === 1 })))
    for (const [n, outcome] of outcomes.entries()) {
      if (n % 4 === 1) assertError(outcome, /longer/, 'policy_timeout')
      else assert.deepEqual(outcome, ok(n))
    }
    // Each runaway cost one worker: it was not tried a second time.
    assert.equal(reruns.length, 3)
  })

  it('does not count the time spent waiting against the deadline', async () => {
    await using evaluator = await start({ deadlineMs: 100 })
    const pairs = (n: number) => one(evaluator, packs.greedy, { n })
    const started = performance.now()
    let waited = 0
    const outcomes = await Promise.all(
      Array.from({ length: 100 }, async () => {
        const outcome = await pairs(150)
        waited = performance.now() - started
        return outcome
      }),
    )
    assert.ok(outcomes.every((outcome) => outcome.ok))
    assert.ok(waited > 100, `the last of them waited only ${waited} ms`)
  })

  it('stops a policy at its memory, and goes on', async () => {
    await using evaluator = await start({ memoryPages: 64, deadlineMs: 20_000 })
    assertError(await one(evaluator, packs.greedy, { n: 1000 }), /malloc|memory/i)
    assertError(await one(evaluator, packs.echo, { name: 'x'.repeat(6_000_000) }), /memory|malloc/i)
    assert.deepEqual(await one(evaluator, packs.greedy, { n: 2 }), ok(4))
  })

  it('refuses a result or an operand that could fill the heap of the whole process before it reads it', async () => {
    await using evaluator = await start({ deadlineMs: 20_000 })
    assertError(await one(evaluator, packs.copies, { n: 700, value: [[], [], []] }), /result of the policy is too large/)
    assertError(
      await one(evaluator, packs.operand, { value: Array.from({ length: 400_000 }, () => []) }),
      /operand of a builtin is too large/,
    )
    assertError(await one(evaluator, packs.echo, { name: 'x'.repeat(24 * 1024 * 1024) }), /input is longer/)
    assert.deepEqual(await one(evaluator, packs.echo, { name: 'x' }), ok('x'))
  })

  it('does not start if a pack needs more memory than it may have', async () => {
    await assert.rejects(start({ memoryPages: 1 }), { code: 'pack_unusable' })
  })

  it('refuses what would not fit into its queue, and takes more when there is room again', async () => {
    await using evaluator = await start({ maxQueue: 3 })
    const accepted = ['a', 'b', 'c'].map((name) => one(evaluator, packs.echo, { name }))
    await assert.rejects(one(evaluator, packs.echo, { name: 'd' }), { code: 'overloaded' })
    assert.deepEqual(await Promise.all(accepted), [ok('a'), ok('b'), ok('c')])
    assert.deepEqual(await one(evaluator, packs.echo, { name: 'd' }), ok('d'))
  })

  it('bounds the size of what waits, but takes a single large input', async () => {
    await using evaluator = await start({ maxQueuedCharacters: 1000 })
    const large = one(evaluator, packs.echo, { name: 'x'.repeat(2000) })
    await assert.rejects(one(evaluator, packs.echo, { name: 'small' }), { code: 'overloaded' })
    assert.equal((await large).ok, true)
    assert.deepEqual(await one(evaluator, packs.echo, { name: 'small' }), ok('small'))
  })

  it('finishes what it accepted before it closes, and takes no more', async () => {
    const evaluator = await start()
    const accepted = one(evaluator, packs.echo, { name: 'last' })
    const closed = evaluator[Symbol.asyncDispose]()
    await assert.rejects(one(evaluator, packs.echo, { name: 'late' }), { code: 'evaluator_closed' })
    await closed
    assert.deepEqual(await accepted, ok('last'))
    assert.equal(evaluator.ready(), false)
  })

  it('gives a pack its own data, run after run and on a new instance', async () => {
    const limited = { ...compiled('limited', 'results := [data.limits.max]'), data: '{"limits":{"max":7}}' }
    const torn = { ...compiled('torn', 'results := [data.n] if input.a\nresults := [2] if input.b'), data: '{"n":1}' }
    await using evaluator = await start({ packs: [limited, torn] })
    for (let run = 0; run < 3; run++) assert.deepEqual(await one(evaluator, limited, {}), ok(7))
    assertError(await one(evaluator, torn, { a: true, b: true }), /conflict/)
    assert.deepEqual(await one(evaluator, torn, { a: true }), ok(1))
  })

  it('does not start with a pack that calls a builtin which is not offered', async () => {
    const lawless = compileRego(opa.path ?? '', 'lawless', 'results := [http.send({"url": input.url, "method": "get"})]', null)
    await assert.rejects(start({ packs: [lawless] }), { code: 'pack_missing_builtin', message: /http\.send/ })
  })

  it('does not start with a pack that is no policy or lacks its entry point', async () => {
    const { manifest, wasm, data } = packs.echo
    await assert.rejects(start({ packs: [{ manifest, data, wasm: wasm.slice(0, 100) }] }), { code: 'pack_unusable' })
    await assert.rejects(start({ packs: [{ manifest: { ...manifest, entrypoint: 'portcullis/echo/verdict' }, wasm, data }] }), {
      code: 'pack_unusable',
    })
  })

  it('spreads work over its workers', async () => {
    await using evaluator = await start({ workers: 2, deadlineMs: 2000 })
    const spinning = one(evaluator, packs.spinner, { spin: true })
    const quick = await Promise.race([spinning.then(() => 'slow'), one(evaluator, packs.echo, { name: 'quick' })])
    assert.deepEqual(quick, ok('quick'))
    await spinning
  })
})
