/** One leaf of the log; never updated, never deleted. */
export interface LogEntryTable {
  idx: number
  type: string
  at: string
  actor: string
  subject: string | null
  stage: string | null
  environment: string | null
  /** Whose lists show the entry, as `repositoryKey` gives it; not part of the leaf. */
  repository: string | null
  /** Canonical JSON, exactly the bytes that are hashed. */
  leaf: string
  leaf_hash: Uint8Array
}

/** Free text beside a leaf; deleting a row is a tombstone. */
export interface LogDetailTable {
  idx: number
  field: string
  salt: string
  /** JSON. */
  value: string
}

/** The canonical record that an entry speaks for: its SHA-256 is the leaf's `body.digest`. */
export interface LogRecordTable {
  idx: number
  record: string
}

/** Complete subtrees at levels 8, 16, 24, …; those between are computed from at most 256 nodes below. */
export interface LogNodeTable {
  level: number
  idx: number
  hash: Uint8Array
}

/** The single row that holds the committed tree; locking it sequences the writers of all replicas. */
export interface LogTreeTable {
  id: number
  size: number
  /** Hashes of the compact range, left to right, 32 bytes each. */
  frontier: Uint8Array
  root: Uint8Array
}

/** First and last index of the entries whose `at` falls into a ten-minute bucket: turns a time range into an index range. */
export interface LogSpanTable {
  bucket: number
  first_idx: number
  last_idx: number
}
