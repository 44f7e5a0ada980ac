/**
 * `npm run policies`: compiles every pack of `policies/` into `policies/dist/<pack>/{policy.wasm,pack.json}`, which are committed.
 *
 * --check         compiles into a temporary folder and compares byte for byte
 * --capabilities  derives policies/capabilities.json and policies/banned-builtins.json anew from the CLI and from the builtins of the evaluator
 */
import { mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

import { format } from 'prettier'

import { bannedBuiltins, deriveCapabilities } from './lib/capabilities.ts'
import { buildPack, packNames } from './lib/build-pack.ts'
import { installOpa } from './opa.ts'

const POLICIES = resolve(import.meta.dirname, '../policies')
const DIST = join(POLICIES, 'dist')
const CAPABILITIES = join(POLICIES, 'capabilities.json')
const BANNED = join(POLICIES, 'banned-builtins.json')

const { values } = parseArgs({ options: { check: { type: 'boolean' }, capabilities: { type: 'boolean' } } })

try {
  const opa = installOpa()
  if (values.capabilities) await derive(opa)
  else if (values.check) check(opa)
  else build(opa, DIST)
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}

async function derive(opa: string): Promise<void> {
  const capabilities = deriveCapabilities(opa)
  const write = async (path: string, content: unknown): Promise<void> =>
    writeFileSync(path, await format(JSON.stringify(content), { parser: 'json', printWidth: 140 }))
  await write(CAPABILITIES, capabilities)
  await write(BANNED, bannedBuiltins(opa, capabilities))
}

function build(opa: string, target: string): void {
  const files = packNames(POLICIES).map((name) => ({ name, ...buildPack(opa, POLICIES, name) }))
  rmSync(target, { recursive: true, force: true })
  for (const { name, wasm, manifest } of files) {
    mkdirSync(join(target, name), { recursive: true })
    writeFileSync(join(target, name, 'policy.wasm'), wasm)
    writeFileSync(join(target, name, 'pack.json'), `${JSON.stringify(manifest, null, 2)}\n`)
    console.log(`${name.padEnd(20)} ${manifest.digest}  ${wasm.length} bytes`)
  }
}

function check(opa: string): void {
  const target = mkdtempSync(join(tmpdir(), 'portcullis-dist-'))
  try {
    build(opa, target)
    const stale = differences(target, DIST)
    if (stale.length > 0) throw new Error(`policies/dist is not what the sources compile to: ${stale.join(', ')}. Run: npm run policies`)
  } finally {
    rmSync(target, { recursive: true })
  }
}

function differences(expected: string, actual: string): string[] {
  const [wanted, present] = [filesUnder(expected), filesUnder(actual)]
  const names = new Set([...wanted.keys(), ...present.keys()])
  return [...names].filter((name) => !wanted.get(name)?.equals(present.get(name) ?? Buffer.alloc(0))).toSorted()
}

function filesUnder(folder: string): Map<string, Buffer> {
  const files = new Map<string, Buffer>()
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    files.set(path.slice(folder.length + 1), readFileSync(path))
  }
  return files
}
