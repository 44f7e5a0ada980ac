import { hash } from 'node:crypto'

/** A SHA-256 digest in OCI notation: `sha256:` and 64 lower-case hex digits. */
export type Digest = `sha256:${string}`

const DIGEST = /^sha256:[0-9a-f]{64}$/

/** True if `text` is a digest in canonical notation. */
export function isDigest(text: unknown): text is Digest {
  return typeof text === 'string' && DIGEST.test(text)
}

/** SHA-256 of bytes, or of the UTF-8 form of a string. */
export function sha256Digest(data: Uint8Array | string): Digest {
  return `sha256:${hash('sha256', data, 'hex')}`
}
