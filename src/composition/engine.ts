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
    ...engineLimits(config),
    hooks: { workerLost: (event) => logger.warn(event, 'a policy worker ended and was replaced') },
  })
}

/** What a pack may take. */
export function engineLimits({ policyDeadlineMs, policyMemoryBytes }: Config): { deadlineMs: number; memoryPages: number } {
  return { deadlineMs: policyDeadlineMs, memoryPages: Math.floor(policyMemoryBytes / WASM_PAGE_BYTES) }
}
