import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'

import { generateLogKey, randomOrigin } from '../../src/audit/log-key.ts'
import { verifyReceipt } from '../../src/audit/receipt.ts'
import { selfSigned } from '../contract/support/self-signed.ts'
import type { Client, DecisionBody } from '../support/client.ts'
import { eventually } from '../support/eventually.ts'
import { failedStart, startProcess } from '../support/process.ts'
import { freshDigest, trivy } from '../support/reports.ts'
import { forEachEngine, postgres, type Place } from '../support/storage.ts'

const TOKEN = randomBytes(32).toString('hex')
const LOG_KEY = generateLogKey(randomOrigin())

function settings({ dataDir, databaseUrl }: Place): Record<string, string> {
  return {
    PORTCULLIS_DATA_DIR: dataDir,
    PORTCULLIS_ADMIN_TOKEN: TOKEN,
    PORTCULLIS_LOG_KEY: LOG_KEY,
    ...(databaseUrl !== undefined && { PORTCULLIS_DATABASE_URL: databaseUrl }),
  }
}

interface Load {
  /** The decisions that were acknowledged so far. */
  acknowledged: DecisionBody[]
  /** When the service is gone. */
  ended: Promise<unknown>
}

/** Asks without pause on several connections until the service is gone. */
function askUntilGone(client: Client, subject: string): Load {
  const acknowledged: DecisionBody[] = []
  const ask = async (): Promise<void> => {
    for (;;) {
      const reply = await client.post('/v1/decisions', { subject, stage: 'build' }).catch(() => undefined)
      if (reply?.status !== 200) return
      acknowledged.push(reply.json())
    }
  }
  return { acknowledged, ended: Promise.all(Array.from({ length: 16 }, ask)) }
}

await forEachEngine('A service process', (engine) => {
  it('has every acknowledged decision, with a receipt that verifies, after it was killed under load', async () => {
    const env = settings(await engine.place())
    const subject = freshDigest()
    await using killed = await startProcess(env)
    await killed.client(TOKEN).submit(subject, trivy({ severities: ['CRITICAL'] }))
    const { acknowledged, ended } = askUntilGone(killed.client(TOKEN), subject)
    await eventually('100 decisions were acknowledged', () => acknowledged.length >= 100)
    await killed.end('SIGKILL')
    await ended

    await using restarted = await startProcess(env)
    assert.equal(restarted.verifierKey, killed.verifierKey)
    const client = restarted.client(TOKEN)
    for (const decision of acknowledged) {
      const found = await client.get(`/v1/decisions/${decision.id}`)
      assert.deepEqual(found.json(), decision)
    }
    for (const { logIndex, id } of acknowledged.slice(-20)) {
      const receipt = await client.get(`/v1/audit/entries/${logIndex}/receipt`)
      const verified = verifyReceipt(receipt.text, killed.verifierKey)
      assert.ok(verified.intact && verified.pinned && verified.entry.body['id'] === id)
    }
  })

  it('finishes what it accepted when it is asked to stop, and its last entry says so', async () => {
    const env = settings(await engine.place())
    await using stopped = await startProcess(env)
    const { acknowledged, ended } = askUntilGone(stopped.client(TOKEN), freshDigest())
    await eventually('20 decisions were acknowledged', () => acknowledged.length >= 20)
    assert.equal(await stopped.end('SIGTERM'), 0)
    await ended
    await using again = await startProcess(env)
    const entries = await again.client(TOKEN).get('/v1/audit/entries?limit=200&type=service.stopped')
    assert.equal(entries.json<{ items: unknown[] }>().items.length, 1)
    const recorded = await again.client(TOKEN).get(`/v1/decisions/${acknowledged.at(-1)?.id}`)
    assert.equal(recorded.status, 200)
  })

  it('refuses to go on with a log that began under another key', async () => {
    const env = settings(await engine.place())
    await (await startProcess(env)).end('SIGTERM')
    const { code, error } = await failedStart({ ...env, PORTCULLIS_LOG_KEY: generateLogKey(randomOrigin()) })
    assert.equal(code, 1)
    assert.match(error, /log_(origin|key)_mismatch/)
  })
})

const { server } = await postgres()

const oneLine = /^Portcullis can't start: [^\n]+\n$/

describe('A service process', () => {
  it('shows the admin token that it made once: in a file that only its owner can read, whose path it logs', async () => {
    await using place = await temporaryPlace()
    const env = { PORTCULLIS_DATA_DIR: place.dataDir }
    const first = await startProcess(env)
    const path = first.lines.map((line) => line['path']).find((value) => typeof value === 'string')
    assert.ok(typeof path === 'string')
    assert.equal(statSync(path).mode & 0o777, 0o600)
    const token = readFileSync(path, 'utf8').trim()
    assert.equal((await first.client(token).get('/v1/bindings')).status, 200)
    assert.ok(!JSON.stringify(first.lines).includes(token))
    await first.end('SIGTERM')
    await using second = await startProcess(env)
    assert.ok(second.lines.every((line) => line['path'] === undefined || line['msg'] === 'request'))
    assert.equal((await second.client(token).get('/v1/bindings')).status, 200)
  })

  it('that finds its port in use says so in one line, and the next start shows a token that works', async () => {
    await using place = await temporaryPlace()
    const occupied = createServer()
    await new Promise<void>((resolve) => occupied.listen(0, '127.0.0.1', resolve))
    const { port } = occupied.address() as AddressInfo
    const { code, error, lines } = await failedStart({ PORTCULLIS_DATA_DIR: place.dataDir, PORTCULLIS_PORT: String(port) })
    assert.equal(code, 1)
    assert.match(error, new RegExp(`^Portcullis can't start: .*127\\.0\\.0\\.1:${port}.*PORTCULLIS_PORT.*\\(address_in_use\\)\n$`))
    assert.ok(!readdirSync(place.dataDir).includes('admin-token'), 'the token was written before the port was there')
    assert.ok(lines.every((line) => line['path'] === undefined))
    await new Promise((resolve) => occupied.close(resolve))

    await using next = await startProcess({ PORTCULLIS_DATA_DIR: place.dataDir })
    const token = readFileSync(join(place.dataDir, 'admin-token'), 'utf8').trim()
    assert.equal((await next.client(token).get('/v1/tokens')).status, 200)
  })

  it('that cannot hand over the token that it made starts with none, and the next start makes another', async () => {
    await using place = await temporaryPlace()
    mkdirSync(join(place.dataDir, 'admin-token'))
    const { code, error } = await failedStart({ PORTCULLIS_DATA_DIR: place.dataDir })
    assert.equal(code, 1)
    assert.match(error, oneLine)
    rmdirSync(join(place.dataDir, 'admin-token'))
    await using next = await startProcess({ PORTCULLIS_DATA_DIR: place.dataDir })
    const token = readFileSync(join(place.dataDir, 'admin-token'), 'utf8').trim()
    assert.equal((await next.client(token).get('/v1/tokens')).status, 200)
  })

  it('that cannot start says why in one line without a stack', async () => {
    await using place = await temporaryPlace()
    const file = (name: string, text: string): string => {
      writeFileSync(join(place.dataDir, name), text)
      return join(place.dataDir, name)
    }
    const { cert, key } = selfSigned()
    const other = selfSigned()
    const broken = join(place.dataDir, 'broken')
    mkdirSync(broken)
    writeFileSync(join(broken, 'portcullis.db'), 'no database at all, but long enough to be looked at: '.repeat(100))
    const tls = (certFile: string, keyFile: string): Record<string, string> => ({
      PORTCULLIS_DATA_DIR: join(place.dataDir, 'data'),
      PORTCULLIS_TLS_CERT_FILE: certFile,
      PORTCULLIS_TLS_KEY_FILE: keyFile,
    })
    const refusals: [Record<string, string>, RegExp][] = [
      [{ PORTCULLIS_DATA_DIR: join(file('a-file', ''), 'data') }, /PORTCULLIS_DATA_DIR.*\(data_dir_unusable\)/],
      [{ PORTCULLIS_DATA_DIR: broken, PORTCULLIS_LOG_KEY: LOG_KEY }, /portcullis\.db.*\(database_unusable\)/],
      [{ PORTCULLIS_DATA_DIR: join(place.dataDir, 'data'), PORTCULLIS_HOST: '192.0.2.1' }, /PORTCULLIS_HOST.*\(address_unusable\)/],
      [tls(join(place.dataDir, 'none.pem'), file('key.pem', key)), /none\.pem.*\(certificate_unusable\)/],
      [tls(file('noise.pem', 'noise'), file('key.pem', key)), /noise\.pem.*\(certificate_unusable\)/],
      [tls(file('cert.pem', cert), file('noise.pem', 'noise')), /noise\.pem.*\(certificate_unusable\)/],
      [tls(file('cert.pem', cert), file('other.pem', other.key)), /other\.pem.*\(certificate_unusable\)/],
      [
        { PORTCULLIS_LOG_KEY: LOG_KEY, PORTCULLIS_DATABASE_URL: 'postgres://user:secret@127.0.0.1:1/x' },
        /127\.0\.0\.1:1.*PORTCULLIS_DATABASE_URL.*\(database_unreachable\)/,
      ],
    ]
    for (const [env, reason] of refusals) {
      const { code, error } = await failedStart(env)
      assert.equal(code, 1, error)
      assert.match(error, oneLine)
      assert.match(error, reason)
      assert.doesNotMatch(error, /secret/)
    }
  })

  it('logs one line that carries its URL', async () => {
    await using place = await temporaryPlace()
    await using service = await startProcess(settings(place))
    assert.equal(service.lines.filter((line) => 'url' in line).length, 1)
  })

  it('refuses a data directory that another process uses', async () => {
    await using place = await temporaryPlace()
    await using service = await startProcess(settings(place))
    const { code, error } = await failedStart(settings(place))
    assert.equal(code, 1)
    assert.match(error, /data_dir_locked/)
    assert.equal((await service.client(TOKEN).get('/readyz')).status, 200)
  })

  it('names the setting that is wrong', async () => {
    const { code, error } = await failedStart({ PORTCULLIS_PORT: 'eighty' })
    assert.equal(code, 1)
    assert.match(error, /PORTCULLIS_PORT/)
  })

  it('wants the key of the log on PostgreSQL, and says how to make one', { skip: server === undefined }, async () => {
    await using place = await temporaryPlace()
    const { code, error } = await failedStart({
      PORTCULLIS_DATA_DIR: place.dataDir,
      PORTCULLIS_DATABASE_URL: (await server?.createDatabase()) ?? '',
    })
    assert.equal(code, 1)
    assert.match(error, /openssl genpkey -algorithm ed25519/)
  })
})

/** A data directory for one test. */
async function temporaryPlace(): Promise<{ dataDir: string } & AsyncDisposable> {
  const dataDir = await mkdtemp(join(tmpdir(), 'portcullis-process-'))
  return { dataDir, [Symbol.asyncDispose]: () => rm(dataDir, { recursive: true, force: true }) }
}
