import { canonicalJson } from '../../core/canonical-json.ts'
import { sha256Digest } from '../../core/digest.ts'
import type { LoadedPack } from '../engine/load-packs.ts'
import { packDigest } from '../engine/pack-digest.ts'
import type { PackManifest } from '../model.ts'

/** Puts a pack together, with the digests that name it. @param data a JSON value; an empty object is none */
export function makePack(
  described: Omit<PackManifest, 'digest' | 'wasmDigest' | 'dataDigest'>,
  wasm: Uint8Array<ArrayBuffer>,
  data: unknown,
): LoadedPack {
  const json = canonicalJson(data)
  const text = json === '{}' ? null : json
  const { name, title, description, opa, entrypoint, classes, facts, rules, parameters } = described
  const digests = { wasmDigest: sha256Digest(wasm), dataDigest: text === null ? null : sha256Digest(text) }
  const identity = { ...digests, opa, entrypoint, classes, facts, rules, parameters }
  return { manifest: { name, title, description, digest: packDigest(identity), ...identity }, wasm, data: text }
}
