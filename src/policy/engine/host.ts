import { parseRego } from './builtins/parse-rego.ts'
import type { Builtin, BuiltinResult } from './builtins/builtin.ts'
import type { RegoValue } from './builtins/rego-value.ts'

/** The functions of a compiled policy that are called here (OPA's Wasm ABI 1.3). */
export interface PolicyExports {
  builtins(): number
  entrypoints(): number
  opa_json_dump(value: number): number
  opa_json_parse(text: number, length: number): number
  opa_value_dump(value: number): number
  opa_malloc(size: number): number
  opa_wasm_abi_version: WebAssembly.Global
  opa_wasm_abi_minor_version: WebAssembly.Global
}

const MAX_OPERAND_BYTES = 1024 * 1024

/** A policy in memory, not yet evaluated. */
export interface HostedPolicy {
  instance: WebAssembly.Instance
  exports: PolicyExports
  /** Names of the builtins that it calls outside, by number. */
  builtins: ReadonlyMap<number, string>
}

/**
 * Instantiates a compiled policy with the host's side of the ABI.
 *
 * Not left to opa-wasm's loader: that one rounds operands above 2^53, loses the difference between sets and arrays, and supplies builtins
 * of its own (`sprintf`, YAML, `regex.split`) whose answers are not OPA's.
 * @throws whatever the Wasm engine says about a module that isn't a policy
 */
export function hostPolicy(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  offered: ReadonlyMap<string, Builtin>,
  onPrint: (text: string) => void = () => {},
): HostedPolicy {
  const names = new Map<number, string>()
  let exports: PolicyExports | undefined
  const call = (id: number, _context: number, ...operands: number[]): number => {
    const name = names.get(id) ?? `number ${id}`
    const builtin = offered.get(name)
    if (!exports || !builtin) throw new Error(`the builtin ${name} is not offered`)
    return writeResult(exports, memory, callBuiltin(exports, memory, builtin, operands))
  }
  const env: WebAssembly.ModuleImports = {
    memory,
    opa_abort: (address: number) => {
      throw new Error(readText(memory, address))
    },
    opa_println: (address: number) => onPrint(readText(memory, address)),
  }
  for (let arity = 0; arity <= 4; arity++) env[`opa_builtin${arity}`] = call
  const instance = new WebAssembly.Instance(module, { env })
  exports = instance.exports as unknown as PolicyExports
  for (const [name, id] of Object.entries(readJson(exports, memory, exports.builtins()) as Record<string, number>)) names.set(id, name)
  return { instance, exports, builtins: names }
}

/** Reads a value of the policy as JSON. Numbers become doubles. */
export function readJson(exports: PolicyExports, memory: WebAssembly.Memory, value: number): unknown {
  return JSON.parse(readText(memory, exports.opa_json_dump(value)))
}

function callBuiltin(exports: PolicyExports, memory: WebAssembly.Memory, builtin: Builtin, operands: readonly number[]): BuiltinResult {
  return builtin(...operands.map((operand) => readOperand(exports, memory, operand)))
}

/** Values of a policy lie in its own bounded memory; as JavaScript values they could fill the heap of the whole process. */
function readOperand(exports: PolicyExports, memory: WebAssembly.Memory, operand: number): RegoValue {
  const address = exports.opa_value_dump(operand)
  if (textLength(memory, address) > MAX_OPERAND_BYTES) throw new Error('an operand of a builtin is too large')
  return parseRego(readText(memory, address))
}

/** Address 0 is "undefined": what a builtin's error means outside OPA's strict mode. */
function writeResult(exports: PolicyExports, memory: WebAssembly.Memory, result: BuiltinResult): number {
  if (result === undefined) return 0
  const bytes = encoder.encode(JSON.stringify(result, exactNumbers))
  const address = exports.opa_malloc(bytes.length)
  new Uint8Array(memory.buffer, address, bytes.length).set(bytes)
  const value = exports.opa_json_parse(address, bytes.length)
  if (value === 0) throw new Error('the engine did not take the result of a builtin')
  return value
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

function exactNumbers(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? JSON.rawJSON(String(value)) : value
}

/** Reads a zero-terminated string. */
function readText(memory: WebAssembly.Memory, address: number): string {
  return decoder.decode(new Uint8Array(memory.buffer, address, textLength(memory, address)))
}

/** Bytes of a zero-terminated string. */
export function textLength(memory: WebAssembly.Memory, address: number): number {
  return new Uint8Array(memory.buffer).indexOf(0, address) - address
}
