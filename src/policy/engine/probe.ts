import { Worker } from 'node:worker_threads'

import { AppError } from '../../core/app-error.ts'
import type { PackManifest } from '../model.ts'
import { compileModule, type CompiledPack } from './compiled-pack.ts'
import type { LoadedPack } from './load-packs.ts'
import { packError, type PackErrorCode } from './pack-error.ts'
import type { MemoryLimits } from './policy-instance.ts'

/** Time in which a policy has to be instantiated, in milliseconds; it takes about two. The thread that does it starts within that time too. */
const DEADLINE_MS = 5000
const HEAP_MB = 64

export interface ProbeSetup {
  manifest: Pick<PackManifest, 'name' | 'entrypoint'>
  module: WebAssembly.Module
  data: string | null
  memory: MemoryLimits
}

export type ProbeAnswer = { entrypoint: number } | { code: PackErrorCode; message: string }

/**
 * Compiles a pack that somebody uploaded and proves that the engine can run it, in a thread of its own: its code may never return.
 * @throws {AppError} `pack_unusable` or `pack_missing_builtin`
 */
export async function probePack(pack: LoadedPack, memory: MemoryLimits): Promise<CompiledPack> {
  const { name, digest, entrypoint: path } = pack.manifest
  const module = await compileModule(pack)
  const answer = await ask({ manifest: { name, entrypoint: path }, module, data: pack.data, memory })
  if ('code' in answer) throw new AppError<PackErrorCode>(answer.code, answer.message)
  return { digest, name, module, entrypoint: answer.entrypoint, data: pack.data, shipped: false }
}

async function ask(setup: ProbeSetup): Promise<ProbeAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<ProbeAnswer>()
  const refuse = (what: string, cause?: unknown): void =>
    reject(packError('pack_unusable', `The policy of pack ${setup.manifest.name} ${what}.`, cause))
  const worker = new Worker(new URL('./probe-worker.ts', import.meta.url), {
    name: 'policy-probe',
    workerData: setup,
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  })
  worker.on('message', (answer: ProbeAnswer) => resolve(answer))
  worker.on('error', (cause) => refuse('cannot be instantiated', cause))
  worker.on('exit', () => refuse('cannot be instantiated'))
  const timer = setTimeout(() => refuse(`was not instantiated within ${DEADLINE_MS} ms`), DEADLINE_MS)
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    await worker.terminate()
  }
}
