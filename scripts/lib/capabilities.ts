import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { HOST_BUILTINS } from '../../src/policy/engine/builtins/index.ts'
import { wasmOf } from '../../src/policy/authoring/opa/bundle-files.ts'

export interface Capabilities {
  builtins: { name: string; decl: { args?: unknown[] }; [field: string]: unknown }[]
  [field: string]: unknown
}

/** Needed by the compiler itself and gone from what it writes: `=` and `:=` become unification, `print` is erased. */
const COMPILER_ONLY = new Set(['eq', 'assign', 'print', 'internal.print'])

/** Rego v1 with what OPA 1.22.0 adds to it; its preview of Rego v2 is left out. */
const FEATURES = ['keywords_in_refs', 'rego_v1', 'template_strings']

/**
 * What `opa build --capabilities` may let pass: the builtins compiled into the Wasm, those that the host offers, and the language as OPA has it.
 * Whether OPA compiles a builtin into the Wasm is found out by compiling a call of it, since `opa capabilities` doesn't say.
 */
export function deriveCapabilities(opa: string): Capabilities {
  const current = JSON.parse(execFileSync(opa, ['capabilities', '--current'], { encoding: 'utf8' })) as Capabilities
  const builtins = current.builtins.filter(
    (builtin) => COMPILER_ONLY.has(builtin.name) || HOST_BUILTINS.has(builtin.name) || isCompiledIn(opa, builtin),
  )
  return { ...current, builtins, features: FEATURES, future_keywords: [], allow_net: [] }
}

/** Names of the builtins that OPA has and policies may not call, sorted: so that they are recognised where OPA isn't installed. */
export function bannedBuiltins(opa: string, { builtins }: Capabilities): string[] {
  const offered = new Set(builtins.map(({ name }) => name))
  const current = JSON.parse(execFileSync(opa, ['capabilities', '--current'], { encoding: 'utf8' })) as Capabilities
  return current.builtins
    .map(({ name }) => name)
    .filter((name) => !offered.has(name))
    .sort()
}

function isCompiledIn(opa: string, { name, decl }: Capabilities['builtins'][number]): boolean {
  const operands = (decl.args ?? []).map((_, index) => `input.operand${index}`).join(', ')
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-probe-'))
  try {
    writeFileSync(join(folder, 'probe.rego'), `package probe\n\nresult := ${name}(${operands})\n`)
    const build = spawnSync(opa, ['build', '-t', 'wasm', '-O', '0', '-e', 'probe/result', '-o', 'bundle.tar.gz', 'probe.rego'], {
      cwd: folder,
    })
    // Deprecated builtins don't compile under Rego v1; they are not offered.
    return build.status === 0 && !callsOutside(wasmOf(readFileSync(join(folder, 'bundle.tar.gz'))))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** A policy imports the dispatcher for builtins by arity, and keeps the names of those that it calls as a table; none means an empty table. */
function callsOutside(wasm: Uint8Array<ArrayBuffer>): boolean {
  const memory = new WebAssembly.Memory({ initial: 16 })
  const env: WebAssembly.ModuleImports = { memory, opa_abort: () => {}, opa_println: () => {} }
  for (let arity = 0; arity <= 4; arity++) env[`opa_builtin${arity}`] = () => 0
  const instance = new WebAssembly.Instance(new WebAssembly.Module(wasm), { env })
  const { builtins, opa_json_dump: dump } = instance.exports as Record<string, (...operands: number[]) => number>
  const address = builtins && dump ? dump(builtins()) : 0
  return Buffer.from(memory.buffer, address, 2).toString('latin1') !== '{}'
}
