import type { Generated } from 'kysely'

/** What baselines hold, under its own digest; never changed or deleted, since decisions name the digests. */
export interface BaselineSetTable {
  digest: string
  /** JSON, zstd. */
  body: Uint8Array
}

/** Which set a baseline holds now, per lane. */
export interface BaselineHeadTable {
  no: Generated<number>
  baseline: string
  /** Digest of the four columns that follow. */
  lane: string
  /** `''` for none. */
  repository: string
  class: string
  tool: string
  name: string
  set_digest: string
  initial: number
  remaining: number
  /** Milliseconds since the epoch: receipt of the newest report that it was compared with. */
  compared_at: number
  /** RFC 3339 UTC: of the snapshot or the newest deployment that is in it; `''` without history. */
  history_at: string
  created_at: string
  updated_at: string
}
