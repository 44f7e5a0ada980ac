/** The body of the thread in which `trial.ts` tries a policy out. */
import { parentPort, workerData } from 'node:worker_threads'

import { inspect } from '../engine/compiled-pack.ts'
import { PackRunner } from '../engine/pack-runner.ts'
import type { TrialMessage, TrialSetup } from './trial.ts'

if (!parentPort) throw new Error('this file is the body of a worker thread')
const port = parentPort
const { manifest, wasm, data, memory, inputs } = workerData as TrialSetup
const tell = (message: TrialMessage): void => port.postMessage(message)

const module = await WebAssembly.compile(wasm)
const { missing, entrypoints, abi } = inspect(module, manifest.name)
const entrypoint = entrypoints[manifest.entrypoint]
tell({ kind: 'inspected', missing, entrypoints: Object.keys(entrypoints), abi })
if (missing.length === 0 && abi === 1 && entrypoint !== undefined) {
  for (const input of inputs) {
    // A fresh instance each: what one input needs of memory is what counts.
    const runner = new PackRunner({ digest: manifest.digest, name: manifest.name, module, entrypoint, data, shipped: false }, memory)
    runner.warm()
    const before = process.threadCpuUsage()
    tell({ kind: 'running' })
    const outcome = runner.run(input)
    const { user, system } = process.threadCpuUsage(before)
    tell({ kind: 'ran', outcome, cpuMs: (user + system) / 1000 })
  }
}
tell({ kind: 'done' })
