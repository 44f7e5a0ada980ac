import type { Digest } from '../../core/digest.ts'
import type { IdempotencyClaim } from '../../core/idempotency.ts'
import type { Cause, EntryDraft } from '../../core/log-entry.ts'
import type { Page, PageRequest } from '../../core/page.ts'
import type { LoadedPack } from '../engine/load-packs.ts'
import type { ListedHead, PolicyVersion } from './version.ts'

/** A version with all its bytes. */
export interface NewVersion {
  version: PolicyVersion
  pack: LoadedPack
  /** Bytes of `version.bundle`. */
  bundle: Uint8Array | null
}

/** Bindings whose parameters were found to fit, by name and revision: those that follow `latest`. */
export type CheckedBindings = readonly { name: string; revision: number }[]

/** What `activatePolicy` of the store is asked. */
export interface ActivationRequest {
  name: string
  to: Digest
  /** Name of whoever moves it. */
  by: string
  reason: string | null
  checked: CheckedBindings
  cause: Cause
}

/** Keeps policies and their versions; every change is a log entry. */
export interface PolicyStore {
  /** Grows with every committed change of policies, by whichever replica. */
  revision(): Promise<number>
  /** All policies, by name. */
  heads(): Promise<ListedHead[]>
  /** Newest first. */
  versions(name: string, page: PageRequest): Promise<Page<PolicyVersion>>
  /** The versions of these names and digests; what isn't there is left out. */
  find(wanted: readonly { name: string; digest: Digest }[]): Promise<PolicyVersion[]>
  /** What the engine runs, checked against its digests. @throws {AppError} `pack_damaged` */
  pack(version: PolicyVersion): Promise<LoadedPack>
  /** What can be downloaded. */
  bundle(digest: Digest): Promise<Uint8Array | undefined>
  /**
   * Keeps a version. One that is there already stays as it is, and nothing is written.
   * @throws {AppError} `policy_name_taken`, `policies_too_many` or `policy_versions_too_many`
   */
  publish(
    version: NewVersion,
    entry: EntryDraft,
    idempotency: IdempotencyClaim | undefined,
  ): Promise<{ digest: Digest; created: boolean; repeated: boolean }>
  /** Keeps what this release ships; `latest` of a policy that is there already stays where it is. @returns names that somebody else has */
  register(versions: readonly NewVersion[], cause: Cause): Promise<string[]>
  /** @returns false if there is none; @throws {AppError} `policy_shipped` or `policy_in_use` */
  remove(name: string, entry: EntryDraft): Promise<boolean>
}
