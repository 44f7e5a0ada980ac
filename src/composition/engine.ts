import type { Logger } from 'pino'

import type { Config } from '../config/config.ts'
import { createEvaluator } from '../policy/engine/create-evaluator.ts'
import type { LoadedPack } from '../policy/engine/load-packs.ts'
import type { PackEngine } from '../policy/engine/pack-engine.ts'

const WASM_PAGE_BYTES = 65_536

/** Starts the policy engine with the limits of the settings. */
export function startEvaluator(config: Config, packs: readonly LoadedPack[], logger: Logger): Promise<PackEngine> {
  return createEvaluator({
    packs,
    deadlineMs: config.policyDeadlineMs,
    memoryPages: Math.floor(config.policyMemoryBytes / WASM_PAGE_BYTES),
    hooks: { workerLost: (event) => logger.warn(event, 'a policy worker ended and was replaced') },
  })
}
