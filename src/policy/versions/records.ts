import type { Digest } from '../../core/digest.ts'
import type { PolicyVersion } from './version.ts'

/** The record that the entry about a published version speaks for: `body.digest` is `canonicalDigest` of it. */
export function policyVersionRecord({ manifest, origin, bundle, createdAt, createdBy }: PolicyVersion): object {
  return { manifest, origin, bundle, createdAt, createdBy }
}

/** What `latest` stands for from now on. */
export interface Activation {
  name: string
  /** Null if nothing was active. */
  from: Digest | null
  to: Digest
  /** RFC 3339 UTC. */
  at: string
  /** Name of whoever moved it. */
  by: string
}

/** The record that the entry about an activation speaks for. */
export function activationRecord({ name, from, to, at, by }: Activation): object {
  return { name, from, to, at, by }
}

/** The record that the entry about a deleted policy speaks for. */
export function policyDeletionRecord(name: string): object {
  return { name, deleted: true }
}
