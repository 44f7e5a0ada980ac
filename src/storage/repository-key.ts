import { sha256Digest } from '../core/digest.ts'

// It is part of index rows, which must stay short.
const MAX_KEY_BYTES = 1024

/** Whose something is, as it stands in an index: the repository, or the globs of those to which it belongs; null for nobody's. */
export function repositoryKey(owners: readonly string[] | null): string | null {
  if (owners === null) return null
  // Names and globs of repositories hold no white space.
  const key = owners.join(' ')
  return Buffer.byteLength(key) > MAX_KEY_BYTES ? sha256Digest(key) : key
}
