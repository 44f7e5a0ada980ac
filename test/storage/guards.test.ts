import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { openStorage } from '../../src/storage/storage.ts'
import { startPostgres } from '../support/postgres.ts'
import { forEachEngine, LOG_CREATED, type Place } from '../support/storage.ts'
import { execute } from './raw-database.ts'
import { decisionToRecord, deploymentToRecord, finding, submission, violation } from './samples.ts'

await forEachEngine('What was recorded', ({ open, place, name }) => {
  const KEYS = {
    ...{ log_entries: 'idx', log_records: 'idx', log_nodes: 'idx', decisions: 'log_index', decision_inputs: 'log_index' },
    ...{ decision_rules: 'log_index', decision_context: 'log_index', evidence: 'no', observations: 'no', binding_revisions: 'no' },
  }

  it('is refused to be updated or deleted, even to somebody with the database in hand', async () => {
    const where = await place()
    await using storage = await open(where)
    await storage.decisions.record(decisionToRecord({ violations: [violation('a.x')] }))
    await storage.evidence.record(submission({ document: { findings: [finding()] } }))
    for (const [table, column] of Object.entries(KEYS)) {
      await assertRefused(where, `update ${table} set ${column} = ${column}`, table)
      await assertRefused(where, `delete from ${table}`, table)
      if (name === 'PostgreSQL') await assertRefused(where, `truncate ${table} cascade`, table)
    }
    await assertRefused(where, `update log_details set value = '0'`, 'log_details')
    await storage.deployments.start(deploymentToRecord())
    await assertRefused(where, 'delete from deployments', 'deployments')
  })

  it('lets free text go: a tombstone deletes it beside the leaf', async () => {
    const where = await place()
    await using storage = await open(where)
    await storage.decisions.record(decisionToRecord())
    assert.ok((await execute(where, 'delete from log_details where idx = 1')) > 0)
    const entry = await storage.log.entry(1)
    assert.deepEqual(entry?.detail, {})
  })

  // An SQLite trigger speaks for rows: without a row there is nothing to refuse.
  const isEmptyOnSqlite = (table: string): boolean => name === 'SQLite' && ['log_nodes', 'binding_revisions'].includes(table)

  async function assertRefused(where: Place, sql: string, table: string): Promise<void> {
    if (isEmptyOnSqlite(table)) return
    await assert.rejects(execute(where, sql), (error: Error) => error.message.includes(`rows of ${table} are never changed`), sql)
  }
})

await forEachEngine('An open storage', ({ open, place, name }) => {
  it('is healthy', async () => {
    await using storage = await open()
    await storage.health()
  })

  it('finishes what was asked before it closes, and takes nothing after', async () => {
    const where = await place()
    const storage = await open(where)
    const writes = Array.from({ length: 100 }, () => storage.decisions.record(decisionToRecord()))
    await storage[Symbol.asyncDispose]()
    assert.equal((await Promise.all(writes)).length, 100)
    await assert.rejects(storage.decisions.record(decisionToRecord()), { code: 'storage_unavailable' })
    await using again = await open(where)
    assert.equal((await again.log.head()).size, 101)
  })

  it('refuses more than it will hold in memory, by number and by size', async () => {
    await using few = await open(undefined, { limits: { operations: 3, characters: 1e9 } })
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => few.decisions.record(decisionToRecord())))
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.status === 'rejected' ? (outcome.reason as { code: string }).code : 'kept')),
      ['kept', 'kept', 'kept', 'overloaded', 'overloaded'],
    )
    await few.decisions.record(decisionToRecord())
    await using small = await open(undefined, { limits: { operations: 100, characters: 10 } })
    const [first, second] = await Promise.allSettled([1, 2].map(() => small.decisions.record(decisionToRecord())))
    assert.deepEqual([first?.status, second?.status], ['fulfilled', 'rejected'])
  })

  it('tells of every transaction', async () => {
    const reports: { operations: number; seconds: number }[] = []
    await using storage = await open(undefined, { hooks: { committed: (report) => reports.push(report) } })
    await Promise.all(Array.from({ length: 20 }, () => storage.decisions.record(decisionToRecord())))
    assert.equal(
      reports.reduce((sum, { operations }) => sum + operations, 0),
      21,
    )
    assert.ok(reports.every(({ seconds }) => seconds > 0))
  })

  it('has its data directory for itself, or shares its server', async () => {
    const where = await place()
    await using storage = await open(where)
    if (name === 'SQLite') await assert.rejects(open(where), { code: 'data_dir_locked' })
    else {
      await using replica = await open(where)
      const { decision } = await replica.decisions.record(decisionToRecord())
      assert.equal((await storage.decisions.find(decision.id))?.id, decision.id)
    }
  })

  it('can be opened again after it was closed', async () => {
    const where = await place()
    for (let n = 0; n < 2; n++) {
      await using storage = await open(where)
      await storage.health()
    }
  })
})

describe('A PostgreSQL that may lose commits', async () => {
  for (const setting of ['fsync', 'synchronous_commit']) {
    const { server, skip } = await startPostgres([`${setting}=off`])
    it(`is refused: ${setting} = off`, { skip }, async () => {
      if (!server) return
      try {
        const databaseUrl = await server.createDatabase()
        const opening = openStorage({ databaseUrl, dataDir: '.', log: { created: LOG_CREATED } })
        await assert.rejects(opening, { code: 'database_not_durable' })
      } finally {
        await server[Symbol.asyncDispose]()
      }
    })
  }

  it('is told from a URL of something else, and from a server that is away', async () => {
    const options = { dataDir: '.', log: { created: LOG_CREATED } }
    await assert.rejects(openStorage({ ...options, databaseUrl: 'mysql://localhost/x' }), { code: 'database_url_invalid' })
    await assert.rejects(openStorage({ ...options, databaseUrl: 'postgres://127.0.0.1:1/x' }), { code: 'database_unreachable' })
  })
})
