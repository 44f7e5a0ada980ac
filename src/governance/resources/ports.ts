import type { ResourceKindName } from './resource.ts'

/** By which set a resource was last applied. */
export interface AppliedResource {
  kind: ResourceKindName
  name: string
  set: string
  /** Revision of its target as it was applied: a higher one tells that it was changed otherwise since. */
  revision: number
  /** The commit that it came from; null if none was named. */
  commit: string | null
  /** RFC 3339. */
  at: string
}

/** What was applied. Reads see every committed write. */
export interface AppliedStore {
  all(): Promise<AppliedResource[]>
  /** How often each target was changed; none stands for those that never were. */
  revisions(targets: readonly string[]): Promise<ReadonlyMap<string, number>>
}
