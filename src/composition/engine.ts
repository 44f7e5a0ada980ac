import { join } from 'node:path'

import type { Logger } from 'pino'

import type { Config } from '../config/config.ts'
import { createPolicyCompiler } from '../policy/authoring/create-compiler.ts'
import { opaPlaces } from '../policy/authoring/opa/find-opa.ts'
import type { PolicyCompiler } from '../policy/authoring/policy-compiler.ts'
import { createEvaluator } from '../policy/engine/create-evaluator.ts'
import type { LoadedPack } from '../policy/engine/load-packs.ts'
import type { PackEngine } from '../policy/engine/pack-engine.ts'

const WASM_PAGE_BYTES = 65_536
/** What the engine begins with, too. */
const INITIAL_PAGES = 16
const ROOT = join(import.meta.dirname, '../..')

/** Makes what compiles uploaded policies, within the bounds of live evaluations. */
export function startCompiler(config: Config): Promise<PolicyCompiler> {
  const { deadlineMs, memoryPages: maximum } = engineLimits(config)
  return createPolicyCompiler({
    policies: join(ROOT, 'policies'),
    opa: opaPlaces(config.opa, config.path, join(ROOT, '.tools')),
    keys: config.policyKeys,
    trial: { deadlineMs, memory: { initial: Math.min(INITIAL_PAGES, maximum), maximum } },
  })
}

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
