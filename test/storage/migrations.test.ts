import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'

import pg from 'pg'

import { migrate, type MigrationConnection } from '../../src/storage/migrations/migrate.ts'
import type { Migration } from '../../src/storage/migrations/migration.ts'
import { MIGRATIONS } from '../../src/storage/migrations/list.ts'
import { postgresMigrationConnection } from '../../src/storage/postgres/migration-connection.ts'
import { SqliteConnection } from '../../src/storage/sqlite/connection.ts'
import { sqliteMigrationConnection } from '../../src/storage/sqlite/migration-connection.ts'
import { postgres } from '../support/storage.ts'

/** Opens one more connection to the same, at first empty, database. */
type Connect = () => Promise<MigrationConnection>

function suite(newDatabase: () => Promise<Connect>): void {
  const step = (number: number, breaking = false, sql = `create table step_${number} (n integer)`): Migration => ({
    number,
    breaking,
    statements: () => [sql],
  })

  it('lets 20 concurrent migrators agree', async () => {
    const connect = await newDatabase()
    const connections = await Promise.all(Array.from({ length: 20 }, connect))
    await Promise.all(connections.map((connection) => migrate(connection)))
    const applied = await (await connect()).query('select number from schema_migrations order by number')
    assert.deepEqual(
      applied.map((row) => Number(row['number'])),
      MIGRATIONS.map(({ number }) => number),
    )
  })

  it('does no harm the second time, and adds what is new', async () => {
    const connection = await (await newDatabase())()
    await migrate(connection, [step(1)])
    await connection.execute('insert into step_1 (n) values (7)')
    await migrate(connection, [step(1), step(2)])
    await migrate(connection, [step(1), step(2)])
    assert.equal((await connection.query('select n from step_1')).length, 1)
    assert.equal((await connection.query('select n from step_2')).length, 0)
  })

  it('keeps nothing of a step that fails', async () => {
    const connection = await (await newDatabase())()
    const broken: Migration = { ...step(2), statements: () => ['create table half (n integer)', 'create table half (n integer)'] }
    await assert.rejects(migrate(connection, [step(1), broken]))
    await migrate(connection, [step(1), step(2, false, 'create table half (n integer)')])
  })

  it('refuses a database with a breaking step that it does not know, and tolerates others', async () => {
    const connection = await (await newDatabase())()
    await migrate(connection, [step(1), step(2)])
    await migrate(connection, [step(1)])
    await migrate(connection, [step(1), step(2), step(3, true)])
    await assert.rejects(migrate(connection, [step(1), step(2)]), { code: 'schema_newer' })
  })

  it('numbers the steps without gaps', () => {
    assert.deepEqual(
      MIGRATIONS.map(({ number }) => number),
      MIGRATIONS.map((_, at) => at + 1),
    )
  })
}

const { server, skip } = await postgres()

describe('Migrations on SQLite', () => {
  const cleanups: (() => void | Promise<void>)[] = []
  after(async () => {
    for (const cleanup of cleanups.toReversed()) await cleanup()
  })
  suite(async () => {
    const directory = await mkdtemp(join(tmpdir(), 'portcullis-migrations-'))
    cleanups.push(() => rm(directory, { recursive: true }))
    return async () => {
      const connection = new SqliteConnection(join(directory, 'test.db'), 'write')
      cleanups.push(() => connection.close())
      return sqliteMigrationConnection(connection.database)
    }
  })
})

describe('Migrations on PostgreSQL', { skip }, () => {
  const clients: pg.Client[] = []
  after(async () => {
    for (const client of clients) await client.end()
  })
  suite(async () => {
    const connectionString = (await server?.createDatabase()) ?? ''
    return async () => {
      const client = new pg.Client({ connectionString })
      clients.push(client)
      await client.connect()
      return postgresMigrationConnection(client)
    }
  })
})
