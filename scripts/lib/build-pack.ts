import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { sha256Digest } from '../../src/core/digest.ts'
import { readMetadata, type Annotation } from '../../src/policy/authoring/metadata.ts'
import { packDigest } from '../../src/policy/engine/pack-digest.ts'
import type { PackManifest } from '../../src/policy/model.ts'
import { OPA_VERSION } from '../opa.ts'
import { fileOfBundle } from './bundle.ts'

export interface BuiltPack {
  manifest: PackManifest
  wasm: Uint8Array<ArrayBuffer>
}

/** Folders of `policies/` that hold a policy: a folder with Rego in it that is neither the library nor the output. */
export function packNames(policies: string): string[] {
  return readdirSync(policies, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'lib' && entry.name !== 'dist')
    .map((entry) => entry.name)
    .filter((name) => regoFiles(join(policies, name)).length > 0)
    .toSorted()
}

/**
 * Compiles one pack. The same sources give the same bytes on every machine: the compiler writes source paths into the Wasm, so it sees copies under
 * fixed relative paths, and an environment without its experimental switches.
 * @throws {Error} with the compiler's own words, also when it crashed
 */
export function buildPack(opa: string, policies: string, name: string): BuiltPack {
  const rego = `portcullis/${name.replaceAll('-', '_')}`
  const entrypoint = `${rego}/results`
  const folder = stage(policies, name, rego)
  try {
    // Optimisation deletes rules that read `data`, or crashes the compiler: always -O=0.
    const options = ['-t', 'wasm', '-O', '0', '-e', entrypoint, '--capabilities', join(policies, 'capabilities.json')]
    run(opa, ['build', ...options, '-o', '../bundle.tar.gz', '-b', '.'], folder, name)
    const wasm = fileOfBundle(readFileSync(join(folder, '../bundle.tar.gz')), 'policy.wasm')
    const described = describe(run(opa, ['inspect', '-a', '-f', 'json', '.'], folder, name), rego, name)
    const parameters = parameterSchema(policies, name)
    const identity = {
      wasmDigest: sha256Digest(wasm),
      dataDigest: null,
      opa: OPA_VERSION,
      entrypoint,
      classes: described.classes,
      facts: described.facts,
      rules: described.rules,
      parameters,
    }
    const { title, description } = described
    return { manifest: { name, title, description, digest: packDigest(identity), ...identity }, wasm }
  } finally {
    rmSync(join(folder, '..'), { recursive: true })
  }
}

function regoFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.rego') && !file.endsWith('_test.rego'))
    .toSorted()
}

/** The roots keep the compiler from taking data that it doesn't see for known to be absent. */
function stage(policies: string, name: string, rego: string): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'portcullis-pack-')), 'sources')
  for (const part of [name, 'lib']) {
    mkdirSync(join(folder, part), { recursive: true })
    for (const file of regoFiles(join(policies, part))) copyFileSync(join(policies, part, file), join(folder, part, file))
  }
  writeFileSync(join(folder, '.manifest'), JSON.stringify({ roots: [rego, 'portcullis/lib'] }))
  return folder
}

function run(opa: string, options: string[], cwd: string, name: string): string {
  const { status, stdout, stderr, error } = spawnSync(opa, options, { cwd, encoding: 'utf8', env: {}, maxBuffer: 64 * 1024 * 1024 })
  if (status === 0) return stdout
  if (error) throw new Error(`The OPA CLI did not run: ${error.message}`)
  if (status === null || /^(panic|fatal error):/m.test(stderr)) {
    throw new Error(`The OPA compiler crashed on pack ${name}; nothing of its output is used. It said: ${firstLine(stderr)}`)
  }
  throw new Error(`Pack ${name} does not compile:\n${(stderr || stdout).trim()}`)
}

function firstLine(text: string): string {
  return text.split('\n').find((line) => line.startsWith('panic') || line.startsWith('fatal')) ?? text.slice(0, 200)
}

/** Title, description, classes, facts and rules from the METADATA of the pack's package. */
function describe(
  inspected: string,
  rego: string,
  name: string,
): Pick<PackManifest, 'title' | 'description' | 'classes' | 'facts' | 'rules'> {
  const { annotations = [] } = JSON.parse(inspected) as { annotations?: Annotation[] }
  const { metadata, faults } = readMetadata(annotations, new Set([rego.replaceAll('/', '.')]))
  const { title, description, classes, facts = [], rules } = metadata
  if (!title || !description) throw new Error(`Pack ${name}: its package needs METADATA with scope: package, title and description.`)
  const [fault] = faults
  if (fault) throw new Error(`Pack ${name}: METADATA ${fault.message}`)
  if (!classes) throw new Error(`Pack ${name}: METADATA custom.classes is missing.`)
  return { title, description, classes, facts, rules }
}

type Schema = Record<string, unknown> & { properties?: object; $defs?: object; required?: string[] }

/** The pack's own parameters and the common ones; where both define one, the pack's wins. */
function parameterSchema(policies: string, name: string): Schema {
  const common = readSchema(join(policies, 'lib/common.params.schema.json'))
  const own = readSchema(join(policies, name, 'params.schema.json'))
  const defs = { ...common.$defs, ...own.$defs }
  const required = [...new Set([...(common.required ?? []), ...(own.required ?? [])])]
  return {
    ...common,
    ...own,
    properties: { ...common.properties, ...own.properties },
    ...(Object.keys(defs).length > 0 && { $defs: defs }),
    ...(required.length > 0 && { required }),
  }
}

function readSchema(path: string): Schema {
  return JSON.parse(readFileSync(path, 'utf8')) as Schema
}
