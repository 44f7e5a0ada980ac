import { gunzipSync } from 'node:zlib'

import { readTar } from '../../../core/tar/read-tar.ts'

const MIB = 1024 * 1024

/**
 * The files of a bundle that `opa build` wrote, by path.
 * @throws {TarError} if it is none
 */
export function filesOfBundle(bundle: Uint8Array): Map<string, Uint8Array> {
  const archive = gunzipSync(bundle, { maxOutputLength: 128 * MIB })
  return new Map(readTar(archive, { files: 10_000, entries: 10_000, rooted: true }).map(({ path, bytes }) => [path, bytes]))
}

/**
 * The compiled policy in a bundle that `opa build -t wasm` wrote.
 * @throws {Error} if there is none
 */
export function wasmOf(bundle: Uint8Array): Uint8Array<ArrayBuffer> {
  const wasm = filesOfBundle(bundle).get('policy.wasm')
  if (!wasm) throw new Error('the bundle holds no policy.wasm')
  return Uint8Array.from(wasm)
}
