import { accessSync, chmodSync, closeSync, constants, mkdirSync, openSync, statSync } from 'node:fs'

import { AppError } from '../../core/app-error.ts'
import type { StorageErrorCode } from '../errors.ts'

/**
 * Makes the data directory unless it is there.
 * @throws {AppError} `data_dir_unusable` if that is not possible, or nothing can be written to it
 */
export function prepareDataDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    accessSync(directory, constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw new AppError<StorageErrorCode>('data_dir_unusable', `Nothing can be kept in the data directory: ${(cause as Error).message}.`, {
      remedy: 'Set PORTCULLIS_DATA_DIR to a directory that this user may write to.',
      cause,
    })
  }
}

/**
 * Makes an empty file that only its owner can read, or takes the rights of all others away from one that exists. Never opens a file that
 * exists: closing it would free the locks that this process holds on it (sqlite.org/howtocorrupt.html, section 2.2).
 */
export function makePrivate(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    takeRightsAway(path)
  }
}

/** The same for a file that need not exist. */
export function takeRightsAway(path: string): void {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0
  if ((mode & 0o077) === 0) return
  try {
    chmodSync(path, 0o600)
  } catch (error) {
    // A file of another owner, who alone may change that.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error
  }
}
