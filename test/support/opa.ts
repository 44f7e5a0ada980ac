import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { sha256Digest } from '../../src/core/digest.ts'
import type { LoadedPack } from '../../src/policy/engine/load-packs.ts'
import { packDigest } from '../../src/policy/engine/pack-digest.ts'
import { wasmOf } from '../../src/policy/authoring/opa/bundle-files.ts'
import { OPA_VERSION } from '../../src/policy/authoring/opa/find-opa.ts'

const CAPABILITIES = join(import.meta.dirname, '../../policies/capabilities.json')

/**
 * Compiles a policy with the CLI for a test.
 * @param opa path of the CLI
 * @param body Rego below `package portcullis.<name>`, which must define `results`
 * @param capabilities path of a capabilities file; `null` allows all that OPA knows
 */
export function compileRego(opa: string, name: string, body: string, capabilities: string | null = CAPABILITIES): LoadedPack {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-rego-'))
  try {
    const entrypoint = `portcullis/${name}/results`
    writeFileSync(join(folder, 'policy.rego'), `package portcullis.${name}\n\n${body}\n`)
    const limits = capabilities === null ? [] : ['--capabilities', capabilities]
    const options = ['-t', 'wasm', '-O', '0', '-e', entrypoint, '-o', 'bundle.tar.gz', ...limits]
    const { status, stdout, stderr } = spawnSync(opa, ['build', ...options, 'policy.rego'], { cwd: folder, encoding: 'utf8' })
    if (status !== 0) throw new Error(`opa build: ${stdout}${stderr}`)
    return packOf(name, entrypoint, wasmOf(readFileSync(join(folder, 'bundle.tar.gz'))))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function packOf(name: string, entrypoint: string, wasm: Uint8Array<ArrayBuffer>): LoadedPack {
  const identity = {
    wasmDigest: sha256Digest(wasm),
    dataDigest: null,
    opa: OPA_VERSION,
    entrypoint,
    classes: [],
    facts: [],
    rules: [],
    parameters: {},
  }
  return { manifest: { name, title: name, description: '', digest: packDigest(identity), ...identity }, wasm, data: null }
}

/** What the CLI's own interpreter makes of a query over one module and an input; undefined if the query is. */
export function evalRego(opa: string, query: string, module: string, input: unknown): unknown {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-eval-'))
  try {
    writeFileSync(join(folder, 'policy.rego'), module)
    writeFileSync(
      join(folder, 'input.json'),
      JSON.stringify(input, (_, value: unknown) => (typeof value === 'bigint' ? JSON.rawJSON(String(value)) : value)),
    )
    const options = ['-f', 'json', '-d', 'policy.rego', '-i', 'input.json']
    const output = execFileSync(opa, ['eval', ...options, query], { cwd: folder, encoding: 'utf8', maxBuffer: 512 * 1024 * 1024 })
    const { result } = JSON.parse(output) as { result?: { expressions: { value: unknown }[] }[] }
    return result?.[0]?.expressions[0]?.value
  } finally {
    rmSync(folder, { recursive: true })
  }
}
