import type { Digest } from '../../core/digest.ts'
import type { Binding, PackManifest } from '../model.ts'
import type { ListedHead, PolicyHead, PolicyOrigin, PolicyVersion } from './version.ts'

/** A policy as lists show it: the manifest of what `latest` stands for, or of the newest version while none was activated. */
export interface ShownPolicy extends PackManifest {
  origin: PolicyOrigin
  latest: Digest | null
  versionCount: number
  createdAt: string
  updatedAt: string
  updatedBy: string
}

/** A policy with what is below and above it. */
export interface PolicyDetails extends ShownPolicy {
  /** The newest ones. */
  versions: VersionSummary[]
  /** The bindings that name it, as far as the reader may see them. */
  bindings: Pick<Binding, 'name' | 'version' | 'mode'>[]
}

export interface VersionSummary {
  digest: Digest
  title: string
  origin: PolicyOrigin
  /** True for what `latest` stands for. */
  active: boolean
  createdAt: string
  createdBy: string
}

/** One version in full. */
export type ShownVersion = PackManifest & Omit<VersionSummary, 'digest' | 'title'>

export function shownPolicy(head: ListedHead, manifest: PackManifest): ShownPolicy {
  const { origin, latest, versionCount, createdAt, updatedAt, updatedBy } = head
  return { ...manifest, origin, latest, versionCount, createdAt, updatedAt, updatedBy }
}

export function summaryOf({ manifest: { digest, title }, origin, createdAt, createdBy }: PolicyVersion, head: PolicyHead): VersionSummary {
  return { digest, title, origin, active: digest === head.latest, createdAt, createdBy }
}

/** @param active whether `latest` stands for it */
export function shownVersion({ manifest, origin, createdAt, createdBy }: PolicyVersion, active: boolean): ShownVersion {
  return { ...manifest, origin, active, createdAt, createdBy }
}
