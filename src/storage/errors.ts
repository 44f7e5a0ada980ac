import { AppError } from '../core/app-error.ts'

export type StorageErrorCode =
  | 'storage_unavailable'
  | 'overloaded'
  | 'schema_newer'
  | 'data_dir_locked'
  | 'data_dir_unusable'
  | 'database_unusable'
  | 'database_unreachable'
  | 'database_not_durable'
  | 'database_url_invalid'
  | 'cursor_invalid'
  | 'record_digest_differs'
  | 'blob_damaged'
  | 'idempotency_repeated'
  | 'principal_name_taken'
  | 'credential_ended'

/** Nothing of the write was kept; it may be tried again. */
export function storageUnavailable(cause: unknown): AppError<StorageErrorCode> {
  return new AppError('storage_unavailable', 'The storage does not take writes at the moment; nothing of this request was kept.', {
    remedy: 'Try again in a few seconds. If it lasts: check free disk space and the connection to the database.',
    cause,
  })
}

/** More writes are waiting than the service will hold in memory. */
export function overloaded(): AppError<StorageErrorCode> {
  return new AppError('overloaded', 'Too many writes are waiting; nothing of this request was kept.', {
    remedy: 'Try again in a second; if it lasts, the storage is slower than the load.',
  })
}
