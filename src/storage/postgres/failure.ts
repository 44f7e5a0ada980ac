// Classes of SQLSTATE (PostgreSQL manual, appendix A) that tell of a statement of ours rather than of the server.
const STATEMENT_FAULTS = new Set(['0A', '21', '22', '23', '25', '26', '34', '3F', '42', '44', '54', 'P0'])

/** True if the server could not take the statement for a reason that lies outside of it: connection, disk, shutdown, locks. */
export function isPostgresUnavailable(error: unknown): boolean {
  if (!(error instanceof Error) || error.name === 'AppError') return false
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return !(code.length === 5 && STATEMENT_FAULTS.has(code.slice(0, 2))) && isFromServer(error, code)
}

// A TypeError of our own must not pass for a lost connection.
function isFromServer(error: Error, code: string): boolean {
  return code !== '' || /connection|terminated|timeout|queryable/i.test(error.message)
}
