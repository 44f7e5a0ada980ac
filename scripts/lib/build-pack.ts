import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { metadataOf } from '../../src/policy/authoring/describe.ts'
import { makePack } from '../../src/policy/authoring/make-pack.ts'
import { buildOptions } from '../../src/policy/authoring/opa/build-options.ts'
import { wasmOf } from '../../src/policy/authoring/opa/bundle-files.ts'
import { OPA_VERSION } from '../../src/policy/authoring/opa/find-opa.ts'
import { withCommonParameters, type ParameterSchema } from '../../src/policy/authoring/parameter-schema.ts'
import { readModule } from '../../src/policy/authoring/rego/module.ts'
import type { PackManifest } from '../../src/policy/model.ts'

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
    run(opa, buildOptions(entrypoint, join(policies, 'capabilities.json'), '../bundle.tar.gz'), folder, name)
    const wasm = wasmOf(readFileSync(join(folder, '../bundle.tar.gz')))
    const described = describe(policies, name, rego)
    const parameters = withCommonParameters(
      readSchema(join(policies, 'lib/common.params.schema.json')),
      readSchema(join(policies, name, 'params.schema.json')),
    )
    const pack = makePack({ name, ...described, opa: OPA_VERSION, entrypoint, parameters }, wasm, {})
    return { manifest: pack.manifest, wasm: pack.wasm }
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

/** What the METADATA of the pack's package says; of a shipped pack it says everything. */
function describe(
  policies: string,
  name: string,
  rego: string,
): Pick<PackManifest, 'title' | 'description' | 'classes' | 'facts' | 'rules'> {
  const modules = regoFiles(join(policies, name)).map((file) => {
    const path = `${name}/${file}`
    return readModule({ path, text: readFileSync(join(policies, path), 'utf8') })
  })
  const { metadata, findings } = metadataOf(modules, new Set([rego.replaceAll('/', '.')]))
  const { title, description, classes, facts = [], rules } = metadata
  const [finding] = findings
  if (finding) throw new Error(`Pack ${name}: ${finding.message}`)
  if (!title || !description) throw new Error(`Pack ${name}: its package needs METADATA with title and description.`)
  if (!classes) throw new Error(`Pack ${name}: METADATA custom.classes is missing.`)
  return { title, description, classes, facts, rules: [...rules].sort((a, b) => (a.name < b.name ? -1 : 1)) }
}

function readSchema(path: string): ParameterSchema {
  return JSON.parse(readFileSync(path, 'utf8')) as ParameterSchema
}
