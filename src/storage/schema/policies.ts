import type { Generated } from 'kysely'

import type { PolicyOrigin } from '../../policy/versions/version.ts'

export interface PolicyTable {
  name: string
  origin: PolicyOrigin
  /** Digest of the version that `latest` stands for; null while none was activated. */
  latest: string | null
  /** This and the other time: RFC 3339 UTC. */
  created_at: string
  updated_at: string
  updated_by: string
}

/** Never changed or deleted, since decisions name versions; they outlast their policy. */
export interface PolicyVersionTable {
  no: Generated<number>
  name: string
  digest: string
  /** JSON of the version. */
  record: string
}

/** Bytes of versions: Wasm, data, sources. Beside the rows that name them, so that one backup and one transaction hold both. */
export interface PolicyBlobTable {
  digest: string
  /** zstd. */
  body: Uint8Array
}
