import { AppError } from '../core/app-error.ts'
import { canonicalDigest } from '../core/canonical-json.ts'
import type { EntryDraft } from '../core/log-entry.ts'
import { openEntry } from './entry.ts'
import type { LogKeyErrorCode } from './log-key.ts'

/** What leaf 0 says about the log that it begins. */
export interface LogIdentity {
  origin: string
  /** Random; tells two trees of one origin apart. */
  treeId: string
  /** The text of the key that verifies the log's checkpoints. */
  verifierKey: string
}

/** The draft of leaf 0. */
export function logCreatedDraft(identity: LogIdentity, at: string): EntryDraft {
  const { origin, treeId, verifierKey } = identity
  const record = { origin, treeId, verifierKey }
  return { type: 'log.created', at, actor: 'system', body: { digest: canonicalDigest(record), ...record }, detail: {} }
}

/**
 * Reads leaf 0.
 * @throws {AppError} `entry_malformed`, or `log_origin_mismatch` if the leaf does not begin a log
 */
export function readLogIdentity(leaf0: string): LogIdentity {
  const { type, body } = openEntry(leaf0)
  const { origin, treeId, verifierKey } = body
  if (type !== 'log.created' || typeof origin !== 'string' || typeof treeId !== 'string' || typeof verifierKey !== 'string') {
    throw new AppError<LogKeyErrorCode>('log_origin_mismatch', 'The first entry of the log does not say which log it begins.')
  }
  return { origin, treeId, verifierKey }
}

/**
 * Refuses to go on with a log under another name or key: receipts already handed out would no longer verify.
 * @throws {AppError} `log_origin_mismatch` or `log_key_mismatch`
 */
export function assertSameLog(leaf0: string, current: Pick<LogIdentity, 'origin' | 'verifierKey'>): LogIdentity {
  const recorded = readLogIdentity(leaf0)
  if (recorded.origin !== current.origin) {
    throw new AppError<LogKeyErrorCode>('log_origin_mismatch', `This log began as "${recorded.origin}", not as "${current.origin}".`, {
      remedy: 'Take PORTCULLIS_LOG_ORIGIN back to what it was, or start with an empty store.',
    })
  }
  if (recorded.verifierKey !== current.verifierKey) {
    throw new AppError<LogKeyErrorCode>(
      'log_key_mismatch',
      `This log began under the key ${recorded.verifierKey}, not ${current.verifierKey}.`,
      {
        remedy: 'Give PORTCULLIS_LOG_KEY (or log.key in the data directory) the key that it began with, or start with an empty store.',
      },
    )
  }
  return recorded
}
