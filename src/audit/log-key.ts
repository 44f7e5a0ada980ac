import { createPrivateKey, randomBytes } from 'node:crypto'
import { chmod, link, open, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

import { AppError } from '../core/app-error.ts'
import { formatPrivateKey, isKeyName, noteSigner, parsePrivateKey, type NoteSigner } from './note.ts'

export type LogKeyErrorCode = 'log_key_malformed' | 'log_key_missing' | 'log_key_mismatch' | 'log_origin_malformed' | 'log_origin_mismatch'

/** The key that signs checkpoints and nothing else. */
export interface LogKey {
  /** 32 secret bytes. */
  seed: Uint8Array
  /** The origin that the key was made for; undefined for a PEM key, which carries no name. */
  origin: string | undefined
}

/** A fresh identity for a log. It names no host, since the log outlives where it runs. */
export function randomOrigin(): string {
  return `portcullis/${randomBytes(16).toString('hex')}`
}

/** A fresh key for the log with this origin, as text for `PORTCULLIS_LOG_KEY` or the key file. */
export function generateLogKey(origin: string): string {
  return formatPrivateKey(checkedOrigin(origin), randomBytes(32))
}

/**
 * Reads a log key: `PRIVATE+KEY+…` as `generateLogKey` makes it, or PKCS #8 PEM of an Ed25519 key, as
 * `openssl genpkey -algorithm ed25519` prints it.
 * @throws {AppError} `log_key_malformed`; the text is never part of the error
 */
export function parseLogKey(text: string): LogKey {
  const trimmed = text.trim()
  try {
    if (trimmed.startsWith('-----BEGIN')) return { seed: pemSeed(trimmed), origin: undefined }
    const { name, seed } = parsePrivateKey(trimmed)
    return { seed, origin: name }
  } catch {
    throw new AppError<LogKeyErrorCode>('log_key_malformed', 'The log key is not an Ed25519 private key.', {
      remedy: 'Make one with: openssl genpkey -algorithm ed25519',
    })
  }
}

/**
 * The signer of a log.
 * @param origin the one that was set, else that of leaf 0, else the key's own, else a random one (`chooseOrigin`)
 */
export function logSigner(key: LogKey, origin: string): NoteSigner {
  return noteSigner(checkedOrigin(origin), key.seed)
}

/**
 * Settles the origin of a log. All that are known must agree.
 * @param configured by setting
 * @param recorded in leaf 0; undefined for a log that is still empty
 * @throws {AppError} `log_origin_mismatch` or `log_origin_malformed`
 */
export function chooseOrigin(configured: string | undefined, key: LogKey, recorded: string | undefined): string {
  const known = [...new Set([configured, key.origin, recorded].filter((origin) => origin !== undefined))]
  if (known.length > 1) {
    throw new AppError<LogKeyErrorCode>('log_origin_mismatch', `The origin of the log is not settled: ${known.join(', ')}.`, {
      remedy: 'Take PORTCULLIS_LOG_ORIGIN back to the origin that the log began with, and use the key made for it.',
    })
  }
  return checkedOrigin(known[0] ?? randomOrigin())
}

/**
 * The key in the data directory (`log.key`, mode 0600), made and synced to disk if it is not there.
 * @param options.origin what a new key is made for; random unless given
 * @param options.mayMake true only while the log is empty: a log that has leaves must not get a new key
 * @throws {AppError} `log_key_missing` or `log_key_malformed`
 */
export async function dataDirLogKey(dataDir: string, options: { origin: string | undefined; mayMake: boolean }): Promise<LogKey> {
  const path = join(dataDir, 'log.key')
  const found = await readIfThere(path)
  if (found !== undefined) {
    await takeRightsAway(path)
    return parseLogKey(found)
  }
  if (!options.mayMake) {
    throw new AppError<LogKeyErrorCode>('log_key_missing', 'The log has entries, but its key is not in the data directory.', {
      remedy: 'Put log.key back from a backup; a log cannot go on under another key.',
    })
  }
  await writeOnce(path, `${generateLogKey(options.origin ?? randomOrigin())}\n`)
  return parseLogKey(await readFile(path, 'utf8'))
}

/** A key that others could read is theirs as well. */
async function takeRightsAway(path: string): Promise<void> {
  const { mode } = await stat(path)
  // On a read-only mount, or under another owner, it stays as it was made.
  if ((mode & 0o077) !== 0) await chmod(path, 0o600).catch(() => undefined)
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Puts the file in place whole and synced, or leaves the one that another process put there first. */
async function writeOnce(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomBytes(8).toString('hex')}`
  const file = await open(draft, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
    await link(draft, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await file.close()
    await rm(draft, { force: true })
  }
  await syncDirectory(join(path, '..'))
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

const PKCS8_LENGTH = 48

function pemSeed(pem: string): Uint8Array {
  const key = createPrivateKey(pem)
  const der = key.export({ format: 'der', type: 'pkcs8' })
  if (key.asymmetricKeyType !== 'ed25519' || der.length !== PKCS8_LENGTH) throw new TypeError('not an Ed25519 key')
  return der.subarray(PKCS8_LENGTH - 32)
}

function checkedOrigin(origin: string): string {
  if (isKeyName(origin)) return origin
  throw new AppError<LogKeyErrorCode>('log_origin_malformed', 'The origin of the log is empty, too long, or has white space or a plus.', {
    field: 'PORTCULLIS_LOG_ORIGIN',
    remedy: 'Name it like a URL without a scheme: example.com/portcullis.',
  })
}
