import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { it } from 'node:test'

import { generateLogKey, randomOrigin } from '../../src/audit/log-key.ts'
import type { BacktestResult } from '../../src/decisions/backtest/backtest-kind.ts'
import type { Operation } from '../../src/operations/model.ts'
import type { Client } from '../support/client.ts'
import { eventually } from '../support/eventually.ts'
import { startProcess } from '../support/process.ts'
import { freshDigest, trivy } from '../support/reports.ts'
import { forEachEngine } from '../support/storage.ts'

type Backtest = Operation & { result: BacktestResult }

const TOKEN = randomBytes(32).toString('hex')
const DECISIONS = 500
const PERIOD = { from: '2020-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' }

/** Half of them would have been allowed if one high vulnerability was. */
async function decide(client: Client): Promise<void> {
  const subjects = [freshDigest(), freshDigest()]
  for (const [at, subject] of subjects.entries()) await client.submit(subject, trivy({ severities: [at === 0 ? 'HIGH' : 'LOW'] }))
  const ask = async (from: number): Promise<void> => {
    for (let at = from; at < DECISIONS; at += 16) await client.decide({ subject: subjects[at % 2], stage: 'build' })
  }
  await Promise.all(Array.from({ length: 16 }, (_, from) => ask(from)))
}

await forEachEngine('A backtest whose service is killed', ({ place }) => {
  it('goes on where it was saved, and counts no decision twice', async () => {
    const { dataDir, databaseUrl } = await place()
    const env = {
      PORTCULLIS_DATA_DIR: dataDir,
      PORTCULLIS_ADMIN_TOKEN: TOKEN,
      PORTCULLIS_LOG_KEY: generateLogKey(randomOrigin()),
      ...(databaseUrl !== undefined && { PORTCULLIS_DATABASE_URL: databaseUrl }),
    }
    await using killed = await startProcess(env)
    const client = killed.client(TOKEN)
    await decide(client)
    const { latest } = (await client.get('/v1/policies/vulnerabilities')).json<{ latest: string }>()
    const draft = { ...PERIOD, parameters: { max: { critical: 0, high: 1 } } }
    const begun = await client.post(`/v1/policies/vulnerabilities/versions/${latest}/backtest`, draft)
    assert.equal(begun.status, 202, begun.text)
    const path = begun.headers.get('location') ?? ''
    const read = async (from: Client): Promise<Backtest> => (await from.get(path)).json<Backtest>()
    await eventually('a part of it was saved', async () => (await read(client)).progress.done >= 100)
    const { state, progress } = await read(client)
    await killed.end('SIGKILL')
    assert.deepEqual([state, progress.total, progress.done < DECISIONS], ['running', DECISIONS, true])

    await using restarted = await startProcess(env)
    const again = restarted.client(TOKEN)
    assert.ok((await read(again)).progress.done >= progress.done)
    await eventually('it ended', async () => (await read(again)).state !== 'running')
    const ended = await read(again)
    assert.equal(ended.state, 'succeeded', JSON.stringify(ended.error))
    const { decisions, denyToAllow, allowToDeny, errors } = ended.result
    assert.deepEqual([decisions, denyToAllow, allowToDeny, errors], [DECISIONS, DECISIONS / 2, 0, []])
    assert.deepEqual(ended.progress, { done: DECISIONS, total: DECISIONS, percent: 100 })
  })
})
