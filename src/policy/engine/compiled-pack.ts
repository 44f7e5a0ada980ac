import { HOST_BUILTINS } from './builtins/index.ts'
import { hostPolicy, readJson } from './host.ts'
import type { LoadedPack } from './load-packs.ts'
import { packError } from './pack-error.ts'
import type { Digest } from '../../core/digest.ts'
import type { PackManifest } from '../model.ts'

/** A pack whose Wasm is compiled and was found to run here. Threads share the module. */
export interface CompiledPack {
  digest: Digest
  name: string
  module: WebAssembly.Module
  /** Number of the entry point in the module. */
  entrypoint: number
  /** The policy's own data as JSON text. */
  data: string | null
  /** False of what somebody uploaded: no code of it runs where nobody could end it. */
  shipped: boolean
}

/** Enough for the engine to name what it needs. */
const PROBE_MEMORY = { initial: 16, maximum: 64 }

/**
 * Compiles a shipped pack and proves that the engine can run it. The engine itself would notice a missing builtin only when a request first reaches
 * it. Code of the pack runs here: what somebody uploaded goes through `probePack`.
 * @throws {AppError} `pack_unusable` or `pack_missing_builtin`
 */
export async function compilePack(pack: LoadedPack): Promise<CompiledPack> {
  const { manifest, data } = pack
  const module = await compileModule(pack)
  return { digest: manifest.digest, name: manifest.name, module, entrypoint: findEntrypoint(manifest, module), data, shipped: true }
}

/**
 * Runs no code of the pack.
 * @throws {AppError} `pack_unusable`
 */
export function compileModule({ manifest, wasm }: Pick<LoadedPack, 'manifest' | 'wasm'>): Promise<WebAssembly.Module> {
  return WebAssembly.compile(wasm).catch((cause: unknown) => {
    throw packError('pack_unusable', `The policy of pack ${manifest.name} is not WebAssembly.`, cause)
  })
}

/**
 * Proves that the engine can run a module, with code of it.
 * @returns the number of the entry point
 * @throws {AppError} `pack_unusable` or `pack_missing_builtin`
 */
export function findEntrypoint(manifest: Pick<PackManifest, 'name' | 'entrypoint'>, module: WebAssembly.Module): number {
  const { missing, entrypoints, abi } = inspect(module, manifest.name)
  if (abi !== 1) throw packError('pack_unusable', `The policy of pack ${manifest.name} does not speak version 1 of OPA's Wasm ABI.`)
  if (missing.length > 0)
    throw packError('pack_missing_builtin', `Pack ${manifest.name} calls ${missing.join(', ')}, which is not offered.`)
  const entrypoint = entrypoints[manifest.entrypoint]
  if (entrypoint === undefined)
    throw packError('pack_unusable', `The policy of pack ${manifest.name} has no entry point ${manifest.entrypoint}.`)
  return entrypoint
}

/** What a module says of itself, by code of its own. @throws {AppError} `pack_unusable` */
export function inspect(
  module: WebAssembly.Module,
  name: string,
): { missing: string[]; entrypoints: Record<string, number>; abi: unknown } {
  try {
    const memory = new WebAssembly.Memory(PROBE_MEMORY)
    const { builtins, exports } = hostPolicy(module, memory, HOST_BUILTINS)
    return {
      missing: [...builtins.values()].filter((builtin) => !HOST_BUILTINS.has(builtin)),
      entrypoints: readJson(exports, memory, exports.entrypoints()) as Record<string, number>,
      abi: exports.opa_wasm_abi_version.value,
    }
  } catch (cause) {
    throw packError('pack_unusable', `The policy of pack ${name} is not a policy that the engine can load.`, cause)
  }
}
