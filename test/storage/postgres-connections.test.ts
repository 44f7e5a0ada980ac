import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { openPostgresEngine } from '../../src/storage/postgres/engine.ts'
import { runBatch } from '../../src/storage/writer/run-batch.ts'
import { eventually } from '../support/eventually.ts'
import { LOG_CREATED, postgres } from '../support/storage.ts'
import { openStorage } from '../../src/storage/storage.ts'
import { count } from './raw-database.ts'
import { finding, submission } from './samples.ts'

// Node tells of each kind once in a process: from here on, so that nothing is missed.
const warnings: Error[] = []
process.on('warning', (warning) => warnings.push(warning))

const { server, skip } = await postgres()

describe('A connection to PostgreSQL', { skip }, () => {
  it('is never asked a second query while it works on one', async () => {
    assert.ok(server)
    const databaseUrl = await server.createDatabase()
    await using storage = await openStorage({ databaseUrl, dataDir: '.', log: { created: LOG_CREATED } })
    const given = submission({ document: { findings: [finding()] } })
    await storage.evidence.record(given)
    // More at a time than there are connections, so that each is opened under load.
    await Promise.all(Array.from({ length: 40 }, () => storage.evidence.find(given.evidence.id)))
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(warnings, [])
  })

  it('that does not answer in time is given up: the next batch has another one', async () => {
    assert.ok(server)
    const databaseUrl = await server.createDatabase()
    await (await openStorage({ databaseUrl, dataDir: '.', log: { created: LOG_CREATED } }))[Symbol.asyncDispose]()
    const engine = openPostgresEngine(`${databaseUrl}?query_timeout=2000`)
    const backend = async (): Promise<unknown> => (await engine.get('select pg_backend_pid() as pid', []))?.['pid']
    await engine.begin()
    const hanging = await backend()
    await assert.rejects(engine.run('select pg_sleep(4)', []), /timeout/)
    await engine.rollback()
    // Until then the server holds the row that every batch locks.
    const working = `pg_stat_activity where pid = ${String(hanging)}`
    await eventually('the server has ended the query', async () => (await count({ dataDir: '.', databaseUrl }, working)) === 0)
    const report = await runBatch(engine, [{ id: 1, name: 'noteHealth', args: 'well' }])
    assert.deepEqual(report.answers, [{ id: 1, value: undefined }])
    assert.notEqual(await backend(), hanging)
    await engine.close()
    assert.deepEqual(warnings, [])
  })
})
