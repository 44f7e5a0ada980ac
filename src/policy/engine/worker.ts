/** A worker of the evaluator: runs packs on the inputs that it is sent. See `evaluator.ts` for the other side. */
import { parentPort, workerData } from 'node:worker_threads'

import { PackRunner } from './pack-runner.ts'
import type { CompiledPack } from './compiled-pack.ts'
import { READY, type Answer, type Task, type WorkerMessage, type WorkerRequest, type WorkerSetup } from './protocol.ts'
import { RunningMark } from './running-mark.ts'

if (!parentPort) throw new Error('this file is the body of a worker thread')
const port = parentPort
const setup = workerData as WorkerSetup
const mark = new RunningMark(setup.mark)
const runners = new Map(setup.packs.map((pack) => [pack.digest, new PackRunner(pack, setup.memory)]))
// A stranger's policy is instantiated only under the eyes of whoever ends runaways: that runs code of it.
for (const { digest, shipped } of setup.packs) if (shipped) runners.get(digest)?.warm()

let answers: Answer[] = []
port.on('message', (request: WorkerRequest) => {
  if ('learn' in request) request.learn.forEach(learn)
  else if ('forget' in request) for (const digest of request.forget) runners.delete(digest)
  else work(request)
})
send(READY)

function learn(pack: CompiledPack): void {
  if (!runners.has(pack.digest)) runners.set(pack.digest, new PackRunner(pack, setup.memory))
}

function work(tasks: readonly Task[]): void {
  if (answers.length === 0) setImmediate(post)
  for (const task of tasks) answers.push(answerTo(task))
}

/** Everything that one turn of the event loop brought goes back in one message. */
function post(): void {
  send(answers)
  answers = []
}

function send(message: WorkerMessage): void {
  port.postMessage(message)
}

function answerTo({ serial, pack, input }: Task): Answer {
  mark.start(serial)
  const outcome = runners.get(pack)?.run(input) ?? { ok: false, code: 'policy_error', reason: 'this pack version is not loaded' }
  mark.stop()
  return { serial, outcome }
}
