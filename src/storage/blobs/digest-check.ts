import { AppError } from '../../core/app-error.ts'
import { sha256Digest, type Digest } from '../../core/digest.ts'
import type { StorageErrorCode } from '../errors.ts'

/** Bytes that do not have their digest are never handed out. @throws {AppError} `blob_damaged` */
export function requireDigest(digest: Digest, bytes: Uint8Array): Uint8Array {
  if (sha256Digest(bytes) !== digest) {
    throw new AppError<StorageErrorCode>('blob_damaged', `The stored bytes of ${digest} are damaged.`, {
      remedy: 'Restore the blob from a backup, or submit the report again.',
    })
  }
  return bytes
}

/** Refuses to store bytes under a digest that is not theirs. */
export function requireOwnDigest(digest: Digest, bytes: Uint8Array): void {
  if (sha256Digest(bytes) !== digest) throw new TypeError(`the bytes do not have the digest ${digest}`)
}
