import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe } from 'node:test'

import { canonicalDigest } from '../../src/core/canonical-json.ts'
import type { EntryDraft } from '../../src/core/log-entry.ts'
import { openStorage, type Storage, type StorageOptions } from '../../src/storage/storage.ts'
import { startPostgres, type PostgresServer } from './postgres.ts'

/** Where a storage lives: opened again, it holds what was written before. */
export type Place = Pick<StorageOptions, 'dataDir' | 'databaseUrl'>

/** One of the two engines that a suite runs on. */
export interface StorageEngine {
  name: 'SQLite' | 'PostgreSQL'
  /** A new, empty place; it is removed after the suite. */
  place(): Promise<Place>
  /** Opens the storage of a place, or of a new one: `await using storage = await engine.open()`. */
  open(place?: Place, options?: Partial<StorageOptions>): Promise<Storage>
  /** The server under the places; undefined on SQLite. */
  server: PostgresServer | undefined
}

/** The draft of leaf 0 in tests. */
export const LOG_CREATED: EntryDraft = {
  type: 'log.created',
  at: '2026-01-01T00:00:00.000Z',
  actor: 'system',
  body: { digest: canonicalDigest({ origin: 'test' }), origin: 'test' },
  detail: {},
}

/**
 * Runs one suite on both engines: `await forEachEngine('Storing evidence', ({ open }) => { it('…', …) })`.
 * PostgreSQL is started once for the test file; where it does not start, its suites are skipped with the reason.
 */
export async function forEachEngine(name: string, suite: (engine: StorageEngine) => void): Promise<void> {
  // First, since node:test takes a file for finished whose registered tests have all run.
  const { server, skip } = await postgres()
  describe(`${name} on SQLite`, () => suite(engineOn('SQLite', undefined)))
  describe(`${name} on PostgreSQL`, { skip }, () => {
    if (server) suite(engineOn('PostgreSQL', server))
  })
}

let started: ReturnType<typeof startPostgres> | undefined

/** The server of this test file; stopped after its last test. */
export function postgres(): ReturnType<typeof startPostgres> {
  if (!started) {
    started = startPostgres()
    after(async () => (await started)?.server?.[Symbol.asyncDispose]())
  }
  return started
}

function engineOn(name: StorageEngine['name'], server: PostgresServer | undefined): StorageEngine {
  const directories: string[] = []
  after(async () => {
    for (const directory of directories) await rm(directory, { recursive: true, force: true })
  })
  const place = async (): Promise<Place> => {
    const dataDir = await mkdtemp(join(tmpdir(), 'portcullis-storage-'))
    directories.push(dataDir)
    return server ? { dataDir, databaseUrl: await server.createDatabase() } : { dataDir }
  }
  const open = async (where?: Place, options: Partial<StorageOptions> = {}): Promise<Storage> =>
    openStorage({ ...(where ?? (await place())), log: { created: LOG_CREATED }, ...options })
  return { name, place, open, server }
}
