import { existsSync } from 'node:fs'
import { join } from 'node:path'

import type { Logger } from 'pino'

import { assertSameLog, logCreatedDraft, readLogIdentity } from '../audit/log-identity.ts'
import { chooseOrigin, dataDirLogKey, logSigner, parseLogKey, type LogKey, type LogKeyErrorCode } from '../audit/log-key.ts'
import type { NoteSigner } from '../audit/note.ts'
import type { Config } from '../config/config.ts'
import { AppError } from '../core/app-error.ts'
import type { Clock } from '../core/clock.ts'
import { newId } from '../core/id.ts'
import { formatInstant } from '../core/time.ts'
import { prepareDataDirectory } from '../storage/sqlite/data-directory.ts'
import { openStorage, type Storage } from '../storage/storage.ts'

/** Opens the storage, and its log under the origin and key that it began with. */
export async function openLog(
  config: Config,
  clock: Clock,
  logger: Logger,
  committed: (seconds: number) => void,
): Promise<{ storage: Storage; signer: NoteSigner }> {
  const key = await readLogKey(config)
  const draftOrigin = chooseOrigin(config.logOrigin, key, undefined)
  const identity = { origin: draftOrigin, treeId: newId(), verifierKey: logSigner(key, draftOrigin).verifierKey.text }
  const storage = await openStorage({
    ...(config.databaseUrl !== undefined && { databaseUrl: config.databaseUrl }),
    dataDir: config.dataDir,
    log: { created: logCreatedDraft(identity, formatInstant(clock.now())) },
    clock,
    hooks: {
      committed: ({ seconds }) => committed(seconds),
      failed: (failure) => logger.error(failure, 'a write failed'),
    },
  })
  try {
    const leaf0 = (await storage.log.entry(0))?.leaf ?? ''
    const signer = logSigner(key, chooseOrigin(config.logOrigin, key, readLogIdentity(leaf0).origin))
    assertSameLog(leaf0, { origin: signer.verifierKey.name, verifierKey: signer.verifierKey.text })
    return { storage, signer }
  } catch (error) {
    await storage[Symbol.asyncDispose]()
    throw error
  }
}

/** The key that was set; else, for the embedded database, the one in the data directory, made with the database. */
function readLogKey(config: Config): LogKey | Promise<LogKey> {
  if (config.logKey !== undefined) return parseLogKey(config.logKey)
  if (config.databaseUrl !== undefined) {
    throw new AppError<LogKeyErrorCode>('log_key_missing', 'On PostgreSQL the key of the log has to be given.', {
      field: 'PORTCULLIS_LOG_KEY',
      remedy: 'Make one with: openssl genpkey -algorithm ed25519 -out log.key   and set PORTCULLIS_LOG_KEY_FILE=log.key',
    })
  }
  prepareDataDirectory(config.dataDir)
  return dataDirLogKey(config.dataDir, { origin: config.logOrigin, mayMake: !existsSync(join(config.dataDir, 'portcullis.db')) })
}
