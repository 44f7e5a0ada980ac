export interface SchemaMigrationTable {
  number: number
  breaking: number
  applied_at: string
}

/** Counters that grow: revisions of what is cached, and the numbers of evidence. */
export interface CounterTable {
  name: string
  value: number
}

export interface SettingTable {
  name: string
  value: string
}

export interface IdempotencyTable {
  principal_id: string
  method: string
  path: string
  key: string
  fingerprint: string
  resource_id: string
  sealed: string | null
  /** Milliseconds since the epoch. */
  expires_at: number
}

export interface BlobTable {
  digest: string
  /** zstd. */
  body: Uint8Array
}
