import { canonicalDigest } from '../../core/canonical-json.ts'
import type { Digest } from '../../core/digest.ts'
import type { PackManifest } from '../model.ts'

/** What a pack version is: all that decides its answers. Name, title and description are not in it. */
export type PackIdentity = Omit<PackManifest, 'name' | 'title' | 'description' | 'digest'>

/** The digest that names a pack version: SHA-256 over the canonical JSON of what decides its answers. */
export function packDigest({ wasmDigest, dataDigest, opa, entrypoint, classes, facts, rules, parameters }: PackIdentity): Digest {
  return canonicalDigest({ wasmDigest, dataDigest, opa, entrypoint, classes, facts, rules, parameters })
}
