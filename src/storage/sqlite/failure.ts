export const SQLITE_BUSY = 5

// Result codes of SQLite that speak of the machine, not of the statement (sqlite.org/rescode.html).
const UNAVAILABLE = new Set([
  SQLITE_BUSY,
  6, // LOCKED
  7, // NOMEM
  8, // READONLY
  10, // IOERR
  11, // CORRUPT
  13, // FULL
  14, // CANTOPEN
  26, // NOTADB
])

/** The primary result code of an error that `node:sqlite` threw, or undefined for any other error. */
export function sqliteErrorCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined
  return error.errcode & 0xff
}

/** True if the database could not take the statement for a reason that lies outside of it: disk, memory, locks. */
export function isSqliteUnavailable(error: unknown): boolean {
  const code = sqliteErrorCode(error)
  return code !== undefined && UNAVAILABLE.has(code)
}
