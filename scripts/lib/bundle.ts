import { gunzipSync } from 'node:zlib'

const BLOCK = 512

/**
 * One file of a bundle that `opa build` wrote: a gzipped tar of plain files.
 * @throws {Error} if it isn't there
 */
export function fileOfBundle(bundle: Uint8Array, name: string): Uint8Array<ArrayBuffer> {
  const tar = gunzipSync(bundle)
  for (let at = 0; at + BLOCK <= tar.length && tar[at] !== 0;) {
    const entry = text(tar, at, 100).replace(/^\//, '')
    const size = Number.parseInt(text(tar, at + 124, 12), 8)
    if (entry === name) return Uint8Array.from(tar.subarray(at + BLOCK, at + BLOCK + size))
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK
  }
  throw new Error(`the bundle holds no ${name}`)
}

function text(tar: Buffer, at: number, length: number): string {
  return tar.toString('latin1', at, at + length).replace(/\0.*$/s, '')
}
