import assert from 'node:assert/strict'
import { join } from 'node:path'
import { it } from 'node:test'

import type { DeploymentFilter } from '../../src/decisions/deployments/ports.ts'
import { openPostgresReadSession } from '../../src/storage/postgres/read-session.ts'
import { deploymentQuery, groundedQuery, type DeploymentQuery } from '../../src/storage/readers/deployment-query.ts'
import type { ReadSession } from '../../src/storage/readers/session.ts'
import { openSqliteReadSession } from '../../src/storage/sqlite/read-session.ts'
import { forEachEngine, type Place } from '../support/storage.ts'
import { deploymentToRecord, endToRecord, randomDigest } from './samples.ts'

/** The filters of a list, and the index that each of its walks must take. */
const LISTS: [filter: DeploymentFilter, index: string, walks: number][] = [
  [{}, 'deployments_by_basis', 15],
  [{ bypass: true }, 'deployments_by_basis', 5],
  [{ current: true }, 'deployments_by_basis', 3],
  [{ state: 'started', grounded: true }, 'deployments_by_basis', 1],
  [{ environment: 'production' }, 'deployments_by_environment', 15],
  [{ environment: 'production', current: true }, 'deployments_by_environment', 3],
  [{ environment: 'production', grounded: false, state: 'failed' }, 'deployments_by_environment', 2],
  [{ environment: 'production', target: 'eu', from: '2026-03-01T00:00:00Z' }, 'deployments_by_target', 15],
  [{ environment: 'production', target: 'eu', repository: 'acme/shop', current: true }, 'deployments_by_repository', 3],
  [{ environment: 'production', visibleTo: { environments: ['production'] } }, 'deployments_by_environment', 15],
  [{ bypass: true, visibleTo: { environments: ['production', 'staging'] } }, 'deployments_by_environment', 10],
  [{ subject: randomDigest(), environment: 'production', current: true }, 'deployments_by_subject', 3],
]

await forEachEngine('A list of deployments', ({ open, place, name }) => {
  it('walks one index for each basis and standing, and sorts only what the walks bring', async () => {
    const where = await place()
    await using storage = await open(where)
    for (let n = 0; n < 40; n++) {
      const over = { environment: n % 4 ? 'production' : 'staging', target: n % 3 ? 'eu' : 'us', repository: `acme/r${n % 5}` }
      const { deployment } = await storage.deployments.start(deploymentToRecord(over))
      if (n % 2) await storage.deployments.finish(endToRecord(deployment))
    }
    await using session = readSession(where)
    for (const [filter, index, walks] of LISTS) {
      const list = { filter, repositories: undefined, range: { first: undefined, last: undefined }, before: 1000, limit: 51 }
      const query = deploymentQuery(session, list)
      assert.ok(query)
      const plan = await planOf(session, query)
      const used = plan.match(/deployments_[a-z]\w*/g) ?? []
      // Of several columns, PostgreSQL chooses by what it knows of their values.
      const [only, ...others] = new Set(used)
      assert.ok(name === 'SQLite' ? only === index : /^deployments_(by_|of_place|in_order)/.test(only ?? ''), plan)
      assert.deepEqual(others, [], plan)
      assert.equal(used.length, walks, plan)
      assert.doesNotMatch(plan, /Seq Scan|SCAN deployments/)
      // What a walk's page brings may be sorted, its index may not.
      assert.doesNotMatch(plan, /\bSort {2}|SEARCH deployments.*\n\s*USE TEMP/)
    }
  })

  it('to rely on walks the index of those alone', async () => {
    const where = await place()
    await using storage = await open(where)
    await storage.deployments.start(deploymentToRecord())
    await using session = readSession(where)
    const plan = await planOf(session, groundedQuery('production', 'acme/shop', Date.now(), 1, randomDigest()))
    assert.deepEqual(plan.match(/deployments_[a-z]\w*/g), ['deployments_relied_on'], plan)
  })
})

function readSession({ dataDir, databaseUrl }: Place): ReadSession & AsyncDisposable {
  const session = databaseUrl === undefined ? openSqliteReadSession(join(dataDir, 'portcullis.db')) : openPostgresReadSession(databaseUrl)
  return { ...session, [Symbol.asyncDispose]: () => session.close() }
}

async function planOf(session: ReadSession, { sql, parameters }: DeploymentQuery): Promise<string> {
  const sqlite = session.engine === 'sqlite'
  const rows = await session.all(`${sqlite ? 'explain query plan' : 'explain'} ${sql}`, parameters)
  return rows.map((row) => String(row[sqlite ? 'detail' : 'QUERY PLAN'])).join('\n')
}
