import { AppError } from '../../core/app-error.ts'
import { formatInstant } from '../../core/time.ts'
import type { StorageErrorCode } from '../errors.ts'
import { MIGRATIONS } from './list.ts'
import type { Migration, Types } from './migration.ts'

/** What migrating needs of a connection that nobody else uses meanwhile. */
export interface MigrationConnection {
  types: Types
  /** Runs statements without parameters. */
  execute(sql: string): Promise<void>
  query(sql: string): Promise<Record<string, unknown>[]>
  /** Begins a transaction that excludes other writers, so that concurrent migrators go one after the other. */
  beginExclusive(): Promise<void>
}

/**
 * Brings the schema up to the given list, one transaction a step. Any number of processes may do so at once: the step's number is
 * inserted first, so whoever comes second finds it and goes on. Running it again does no harm.
 * @throws {AppError} `schema_newer` if the database has a breaking step that the list lacks
 */
export async function migrate(connection: MigrationConnection, migrations: readonly Migration[] = MIGRATIONS): Promise<void> {
  await createJournal(connection)
  refuseNewerSchema(await appliedSteps(connection), migrations)
  for (const migration of migrations) await applyStep(connection, migration, migrations)
}

async function createJournal(connection: MigrationConnection): Promise<void> {
  const { text, integer, table } = connection.types
  await inTransaction(connection, () =>
    connection.execute(
      `create table if not exists schema_migrations (
        number ${integer} not null primary key, breaking ${integer} not null, applied_at ${text} not null) ${table}`,
    ),
  )
}

async function applyStep(connection: MigrationConnection, migration: Migration, known: readonly Migration[]): Promise<void> {
  await inTransaction(connection, async () => {
    const applied = await appliedSteps(connection)
    refuseNewerSchema(applied, known)
    if (applied.some(({ number }) => number === migration.number)) return
    await connection.execute(
      `insert into schema_migrations (number, breaking, applied_at)
        values (${migration.number}, ${migration.breaking ? 1 : 0}, '${formatInstant(Date.now())}')`,
    )
    for (const statement of migration.statements(connection.types)) await connection.execute(statement)
  })
}

async function appliedSteps(connection: MigrationConnection): Promise<{ number: number; breaking: boolean }[]> {
  const rows = await connection.query('select number, breaking from schema_migrations order by number')
  return rows.map((row) => ({ number: Number(row['number']), breaking: Number(row['breaking']) === 1 }))
}

function refuseNewerSchema(applied: readonly { number: number; breaking: boolean }[], known: readonly Migration[]): void {
  const newest = known.at(-1)?.number ?? 0
  const unknown = applied.find(({ number, breaking }) => breaking && number > newest)
  if (!unknown) return
  throw new AppError<StorageErrorCode>(
    'schema_newer',
    `The database has schema step ${unknown.number}, but this version of Portcullis knows only ${newest}.`,
    { remedy: 'Start the version that last ran on this database, or a newer one.' },
  )
}

async function inTransaction(connection: MigrationConnection, work: () => Promise<void>): Promise<void> {
  await connection.beginExclusive()
  try {
    await work()
    await connection.execute('commit')
  } catch (error) {
    // The first error tells what went wrong; a connection that is gone has nothing to roll back.
    await connection.execute('rollback').catch(() => undefined)
    throw error
  }
}
