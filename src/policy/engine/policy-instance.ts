import * as opaWasm from '@open-policy-agent/opa-wasm'

import { HOST_BUILTINS } from './builtins/index.ts'
import type { CompiledPack } from './compiled-pack.ts'
import { hostPolicy, textLength, type PolicyExports } from './host.ts'

/** What the library exports at run time: everything hangs on the default export, which its types don't declare. */
const { LoadedPolicy } = (opaWasm as unknown as { default: Pick<typeof opaWasm, 'LoadedPolicy'> }).default

/**
 * Makes the library call the policy step by step, so that it hears when the engine can't read the input. The single call that ABI 1.2 added goes on
 * with "no input" instead. Both are in ABI 1.3, and cost the same.
 */
const CHECKED_ABI = 1

const MAX_RESULT_BYTES = 4 * 1024 * 1024
const encoder = new TextEncoder()

/** Wasm pages of 64 KiB. */
export interface MemoryLimits {
  initial: number
  maximum: number
}

/** A policy ready to be evaluated, with a memory of its own. Not to be used again after it threw (see `PackRunner`). */
export class PolicyInstance {
  readonly #policy: InstanceType<typeof LoadedPolicy>
  readonly #memory: WebAssembly.Memory
  readonly #entrypoint: number

  constructor(pack: Pick<CompiledPack, 'module' | 'entrypoint' | 'data'>, limits: MemoryLimits, onPrint?: (text: string) => void) {
    this.#memory = new WebAssembly.Memory({ initial: limits.initial, maximum: limits.maximum })
    const { exports } = hostPolicy(pack.module, this.#memory, HOST_BUILTINS, onPrint)
    const bounded = { exports: { ...exports, opa_json_dump: (value: number) => this.#boundedDump(exports, value) } }
    this.#policy = new LoadedPolicy(bounded as unknown as WebAssembly.WebAssemblyInstantiatedSource, this.#memory, CHECKED_ABI)
    this.#entrypoint = pack.entrypoint
    if (pack.data !== null) this.#policy.setData(encoder.encode(pack.data).buffer)
  }

  /**
   * @param input UTF-8 of JSON text; what follows the first value is ignored
   * @returns the result set: an array of `{result}`, empty if the entry point is undefined
   * @throws anything: strings and plain objects too; also if the input is not JSON
   */
  evaluate(input: ArrayBuffer): unknown {
    return this.#policy.evaluate(input, this.#entrypoint)
  }

  /** Refuses a result before it is parsed: a heap that runs full would take the whole process with it, not just the worker. */
  #boundedDump(exports: PolicyExports, value: number): number {
    const address = exports.opa_json_dump(value)
    if (textLength(this.#memory, address) > MAX_RESULT_BYTES) throw new Error('the result of the policy is too large')
    return address
  }

  /** Pages in use. Linear memory never shrinks. */
  get pages(): number {
    return this.#memory.buffer.byteLength / 65_536
  }
}
