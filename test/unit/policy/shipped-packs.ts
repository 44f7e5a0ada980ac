import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { parse } from 'yaml'

import { sha256Digest } from '../../../src/core/digest.ts'
import type { PackManifest } from '../../../src/policy/model.ts'

export const POLICIES = join(import.meta.dirname, '../../../policies')

/** Names of the shipped packs: the folders that hold a schema of parameters. */
export const PACKS = readdirSync(POLICIES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && readdirSync(join(POLICIES, entry.name)).includes('params.schema.json'))
  .map((entry) => entry.name)
  .toSorted()

/** What docs/packs.md tells once for all packs. */
export const COMMON_PARAMETERS: ReadonlySet<string> = new Set([
  ...Object.keys(readJson('lib/common.params.schema.json').properties),
  ...['missing', 'missingByStage', 'environments'],
])

interface Metadata {
  title: string
  description: string
  custom: {
    classes: PackManifest['classes']
    facts?: PackManifest['facts']
    rules: Record<string, string | { title: string; controls?: string[] }>
  }
}

/** What the sources say about a pack, without compiling it. */
export function manifestOf(pack: string): PackManifest {
  const common = readJson('lib/common.params.schema.json')
  const own = readJson(`${pack}/params.schema.json`)
  const { title, description, custom } = metadataOf(pack)
  const digest = sha256Digest(pack)
  return {
    name: pack,
    title,
    description,
    digest,
    wasmDigest: digest,
    dataDigest: null,
    opa: 'none',
    entrypoint: `portcullis/${pack}/results`,
    classes: custom.classes,
    facts: custom.facts ?? [],
    rules: Object.entries(custom.rules).map(([name, text]) => (typeof text === 'string' ? { name, title: text } : { name, ...text })),
    parameters: { ...own, properties: { ...common.properties, ...own.properties }, $defs: { ...common.$defs, ...own.$defs } },
  }
}

function metadataOf(pack: string): Metadata {
  const source = readFileSync(join(POLICIES, pack, `${pack.replaceAll('-', '_')}.rego`), 'utf8')
  const block = /^# METADATA\n((?:#.*\n)+)package /m.exec(source)?.[1] ?? ''
  return parse(block.replaceAll(/^# ?/gm, '')) as Metadata
}

function readJson(path: string): { properties: object; $defs?: object } {
  return JSON.parse(readFileSync(join(POLICIES, path), 'utf8')) as { properties: object; $defs?: object }
}
