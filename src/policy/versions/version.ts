import type { Digest } from '../../core/digest.ts'
import type { PackManifest } from '../model.ts'

/** Where a policy comes from: with Portcullis, or from somebody who uploaded it. */
export type PolicyOrigin = 'shipped' | 'custom'

/** A policy by its name: what `latest` stands for is all of it that ever changes. */
export interface PolicyHead {
  name: string
  origin: PolicyOrigin
  /** Null while no version was activated. */
  latest: Digest | null
  createdAt: string
  updatedAt: string
  /** Name of the principal who last moved `latest`; `system` for the service itself. */
  updatedBy: string
}

/** A head, and what there is below it. */
export interface ListedHead extends PolicyHead {
  versionCount: number
  /** The version that was published last. */
  newest: Digest
}

/** One exact version of a policy: never changed, and kept for as long as decisions may name it. */
export interface PolicyVersion {
  manifest: PackManifest
  origin: PolicyOrigin
  /** Digest of what can be downloaded: its sources, or the bundle as it was uploaded; null of a shipped pack. */
  bundle: Digest | null
  createdAt: string
  createdBy: string
}
