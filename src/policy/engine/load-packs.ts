import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { sha256Digest } from '../../core/digest.ts'
import type { PackManifest } from '../model.ts'
import { packDigest } from './pack-digest.ts'
import { packError } from './pack-error.ts'

/** A pack version with its compiled policy, both checked against their digests. */
export interface LoadedPack {
  manifest: PackManifest
  wasm: Uint8Array<ArrayBuffer>
  /** What the policy reads as `data` besides its own rules, as canonical JSON of one object; null if it has none. */
  data: string | null
}

/**
 * Reads every pack of a folder of compiled packs (`policies/dist`): `<pack>/pack.json` and `<pack>/policy.wasm`, sorted by name.
 * @throws {AppError} `pack_damaged` if a file is missing or isn't what the digests say: the service must not start on half a policy
 */
export async function loadPacks(folder: string): Promise<LoadedPack[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw packError('pack_damaged', `The folder of compiled packs, ${folder}, cannot be read.`, cause)
  })
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  return Promise.all(names.toSorted().map((name) => loadPack(join(folder, name), name)))
}

async function loadPack(folder: string, name: string): Promise<LoadedPack> {
  const [manifestText, wasm] = await Promise.all([read(folder, 'pack.json', name), read(folder, 'policy.wasm', name)])
  const manifest = parseManifest(manifestText.toString('utf8'), name)
  return checkPack(manifest, wasm, manifest.dataDigest === null ? null : await read(folder, 'data.json', name))
}

/**
 * A pack, if its bytes are what its manifest says.
 * @throws {AppError} `pack_damaged`
 */
export function checkPack(manifest: PackManifest, wasm: Uint8Array | undefined, data: Uint8Array | null): LoadedPack {
  const { name, wasmDigest, dataDigest } = manifest
  if (!wasm || sha256Digest(wasm) !== wasmDigest)
    throw packError('pack_damaged', `The compiled policy of pack ${name} is not the one in its pack.json.`)
  const text = data === null ? null : Buffer.from(data).toString('utf8')
  if ((text === null ? null : sha256Digest(text)) !== dataDigest)
    throw packError('pack_damaged', `The data of pack ${name} is not that of its pack.json.`)
  if (packDigest(manifest) !== manifest.digest)
    throw packError('pack_damaged', `The pack.json of pack ${name} does not match its own digest.`)
  return { manifest, wasm: new Uint8Array(wasm), data: text }
}

async function read(folder: string, file: string, pack: string): Promise<Buffer<ArrayBuffer>> {
  try {
    return await readFile(join(folder, file))
  } catch (cause) {
    throw packError('pack_damaged', `Pack ${pack} has no readable ${file}.`, cause)
  }
}

function parseManifest(text: string, name: string): PackManifest {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw packError('pack_damaged', `The pack.json of pack ${name} is not JSON.`, cause)
  }
  if (!isManifest(value) || value.name !== name)
    throw packError('pack_damaged', `The pack.json of pack ${name} is not the manifest of a pack of that name.`)
  return value
}

const TEXT_FIELDS = ['name', 'title', 'description', 'digest', 'wasmDigest', 'opa', 'entrypoint'] as const

function isManifest(value: unknown): value is PackManifest {
  if (!isObject(value)) return false
  return (
    TEXT_FIELDS.every((field) => typeof value[field] === 'string') &&
    (value['dataDigest'] === null || typeof value['dataDigest'] === 'string') &&
    Array.isArray(value['classes']) &&
    Array.isArray(value['facts']) &&
    Array.isArray(value['rules']) &&
    isObject(value['parameters'])
  )
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
