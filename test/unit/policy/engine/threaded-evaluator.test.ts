import { describe, it } from 'node:test'
import assert from 'node:assert/strict'

import type { Digest } from '../../../../src/core/digest.ts'
import type { CompiledPack } from '../../../../src/policy/engine/compiled-pack.ts'
import type { Task } from '../../../../src/policy/engine/protocol.ts'
import { ThreadedEvaluator } from '../../../../src/policy/engine/threaded-evaluator.ts'
import type { PolicyThread, ThreadEvents } from '../../../../src/policy/engine/worker-thread.ts'

const PACK: Digest = 'sha256:pack'
const compiled = (digest: Digest): CompiledPack => ({
  digest,
  name: 'p',
  module: {} as WebAssembly.Module,
  entrypoint: 0,
  data: null,
  shipped: true,
})
const BOUNDS = { deadlineMs: 250, workers: 1, maxQueue: 100, maxQueuedCharacters: 1_000_000 }

/** A worker that answers what it is told to, and dies of the input `crash`. */
class FakeThread implements PolicyThread {
  readonly received: string[][] = []
  readonly known: Set<Digest>
  readonly #events: ThreadEvents
  #running: number | undefined

  constructor(packs: readonly CompiledPack[], events: ThreadEvents, starts = true) {
    this.known = new Set(packs.map(({ digest }) => digest))
    this.#events = events
    setImmediate(() => (starts ? events.ready() : events.gone(undefined, 'no memory')))
  }

  post(tasks: readonly Task[]): void {
    this.received.push(tasks.map(({ input }) => input))
    setImmediate(() => this.#work(tasks))
  }

  learn(packs: readonly CompiledPack[]): void {
    for (const { digest } of packs) this.known.add(digest)
  }

  forget(packs: readonly Digest[]): void {
    for (const digest of packs) this.known.delete(digest)
  }

  #work(tasks: readonly Task[]): void {
    const fatal = tasks.find(({ input }) => input.startsWith('crash'))
    if (!fatal) this.#events.answered(tasks.map(({ serial, input }) => ({ serial, outcome: { ok: true, results: [input] } })))
    else this.#events.gone(fatal.input === 'crash' ? fatal.serial : undefined, 'killed')
  }

  running() {
    return this.#running === undefined ? undefined : { serial: this.#running, elapsedMs: 0 }
  }

  async spent() {
    await Promise.resolve()
    return undefined
  }

  async end(): Promise<void> {
    await Promise.resolve()
  }
}

async function withThreads(
  make: (packs: readonly CompiledPack[], events: ThreadEvents, nth: number) => FakeThread,
  use: (evaluator: ThreadedEvaluator, threads: FakeThread[]) => Promise<void>,
) {
  const threads: FakeThread[] = []
  const start = (packs: readonly CompiledPack[], events: ThreadEvents): FakeThread => {
    const thread = make(packs, events, threads.length)
    threads.push(thread)
    return thread
  }
  await using evaluator = new ThreadedEvaluator([compiled(PACK)], start, BOUNDS, {})
  await evaluator.start()
  await use(evaluator, threads)
}

const ask = (evaluator: ThreadedEvaluator, ...inputs: string[]) => evaluator.evaluate(inputs.map((input) => ({ pack: PACK, input })))
const failure = { ok: false, code: 'policy_error', reason: 'the policy engine failed: killed' }

describe('the evaluator and its workers', () => {
  it('sends everything that one turn of the event loop brought in one message', () =>
    withThreads(
      (packs, events) => new FakeThread(packs, events),
      async (evaluator, [thread]) => {
        await Promise.all([ask(evaluator, 'a', 'b'), ask(evaluator, 'c')])
        assert.deepEqual(thread?.received, [['a', 'b', 'c']])
      },
    ))

  it('blames a crash on the evaluation that ran, and runs the others again one by one', () =>
    withThreads(
      (packs, events) => new FakeThread(packs, events),
      async (evaluator, threads) => {
        const outcomes = await Promise.all([ask(evaluator, 'a', 'b'), ask(evaluator, 'crash'), ask(evaluator, 'c')])
        assert.deepEqual(outcomes, [
          [
            { ok: true, results: ['a'] },
            { ok: true, results: ['b'] },
          ],
          [failure],
          [{ ok: true, results: ['c'] }],
        ])
        assert.deepEqual(
          threads.map(({ received }) => received),
          [[['a', 'b', 'crash', 'c']], [['a', 'b'], ['c']]],
        )
      },
    ))

  it('runs a decision again only once if nobody knows what crashed the worker', () =>
    withThreads(
      (packs, events) => new FakeThread(packs, events),
      async (evaluator, threads) => {
        assert.deepEqual(await Promise.all([ask(evaluator, 'a'), ask(evaluator, 'crash of unknown cause')]), [
          [{ ok: true, results: ['a'] }],
          [failure],
        ])
        assert.deepEqual(
          threads.slice(0, 2).map(({ received }) => received),
          [[['a', 'crash of unknown cause']], [['a'], ['crash of unknown cause']]],
        )
        assert.deepEqual(await ask(evaluator, 'b'), [{ ok: true, results: ['b'] }])
      },
    ))

  it('gives up what waits when no worker can be started, and is ready again once one can', () =>
    withThreads(
      (packs, events, nth) => new FakeThread(packs, events, nth !== 1),
      async (evaluator) => {
        const [crashed, waiting] = await Promise.all([ask(evaluator, 'crash'), ask(evaluator, 'a')])
        assert.deepEqual(crashed, [failure])
        assert.deepEqual(waiting, [{ ...failure, reason: 'the policy engine failed: no memory' }])
        assert.equal(evaluator.ready(), false)
        assert.deepEqual(await ask(evaluator, 'b'), [{ ok: true, results: ['b'] }])
        assert.equal(evaluator.ready(), true)
      },
    ))

  it('lets its workers run what it learns, also those that are started later', () =>
    withThreads(
      (packs, events) => new FakeThread(packs, events),
      async (evaluator, threads) => {
        const later = { pack: 'sha256:later' as const, input: 'b' }
        assert.deepEqual(await evaluator.evaluate([later]), [
          { ok: false, code: 'policy_error', reason: 'the pack version sha256:later is not loaded' },
        ])
        evaluator.learn([compiled(later.pack), compiled(PACK)])
        assert.deepEqual(await evaluator.evaluate([later]), [{ ok: true, results: ['b'] }])
        await ask(evaluator, 'crash')
        assert.deepEqual(await evaluator.evaluate([later]), [{ ok: true, results: ['b'] }])
        assert.deepEqual(
          threads.map(({ known }) => [...known]),
          [
            [PACK, later.pack],
            [PACK, later.pack],
          ],
        )
      },
    ))

  it('forgets a pack only when nothing that it accepted needs it any more', () =>
    withThreads(
      (packs, events) => new FakeThread(packs, events),
      async (evaluator, [thread]) => {
        const accepted = ask(evaluator, 'a')
        const forgotten = evaluator.forget([PACK])
        assert.deepEqual([...(thread?.known ?? [])], [PACK])
        assert.deepEqual(await accepted, [{ ok: true, results: ['a'] }])
        await forgotten
        assert.deepEqual([...(thread?.known ?? [])], [])
        assert.deepEqual(
          (await ask(evaluator, 'b')).map(({ ok }) => ok),
          [false],
        )
      },
    ))

  it('does not start if its first worker does not', async () => {
    const evaluator = new ThreadedEvaluator([compiled(PACK)], (packs, events) => new FakeThread(packs, events, false), BOUNDS, {})
    await assert.rejects(evaluator.start(), { message: 'no memory' })
    await evaluator[Symbol.asyncDispose]()
  })
})
