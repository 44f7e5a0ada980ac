/** The body of the thread in which `probe.ts` tries out a policy. */
import { parentPort, workerData } from 'node:worker_threads'

import { isAppError } from '../../core/app-error.ts'
import { findEntrypoint } from './compiled-pack.ts'
import type { PackErrorCode } from './pack-error.ts'
import { PolicyInstance } from './policy-instance.ts'
import type { ProbeAnswer, ProbeSetup } from './probe.ts'

if (!parentPort) throw new Error('this file is the body of a worker thread')
parentPort.postMessage(answerTo(workerData as ProbeSetup))

function answerTo({ manifest, module, data, memory }: ProbeSetup): ProbeAnswer {
  try {
    const entrypoint = findEntrypoint(manifest, module)
    const instance = new PolicyInstance({ module, entrypoint, data }, memory)
    return instance.pages > memory.maximum
      ? { code: 'pack_unusable', message: `The policy of pack ${manifest.name} has too much memory.` }
      : { entrypoint }
  } catch (error) {
    if (isAppError(error)) return { code: error.code as PackErrorCode, message: error.message }
    return { code: 'pack_unusable', message: `The policy of pack ${manifest.name} cannot be instantiated.` }
  }
}
