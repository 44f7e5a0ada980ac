import { equal, match, ok } from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'

import { eventually } from '../support/eventually.ts'
import { listen, type Listening } from './support/listening.ts'
import { RawConnection, replies } from './support/raw-connection.ts'
import { ADMIN, DIGEST, STRANGER } from './support/stub-dependencies.ts'

const KIB = 1024
const EVIDENCE = `/v1/evidence?subject=${DIGEST}`
const DECISION = JSON.stringify({ subject: DIGEST, stage: 'test' })
/** What a principal may hold of the reports' budget is half of that. */
const SMALL = { maxReportBytes: 100 * KIB, maxBufferedReportBytes: 400 * KIB }
/** Nothing is cut for slowness while a test looks at something else. */
const PATIENT = { bodyStallMs: 600_000, bodyWindowMs: 600_000 }

/** An upload that announces so much, and sends nothing of it yet. */
function announcedUpload(port: number, bearer: string, announced: number, path = EVIDENCE): RawConnection {
  const connection = new RawConnection(port)
  connection.write(`POST ${path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${bearer}\r\ncontent-length: ${announced}\r\n\r\n`)
  return connection
}

/** An upload of which so much is sent, and the last byte never. */
function stalledUpload(port: number, bearer: string, sent: number, path = EVIDENCE): RawConnection {
  const connection = announcedUpload(port, bearer, sent + 1, path)
  connection.write(Buffer.alloc(sent, 'a'))
  return connection
}

/** Whether a report of that length has room; one that has not is refused with 503. */
async function hasRoom(service: Listening, bearer: string, bytes: number): Promise<boolean> {
  const reply = await service.client.as(bearer).send('POST', EVIDENCE, Buffer.alloc(bytes))
  if (reply.status === 201) return true
  equal(reply.status, 503)
  equal(reply.json()['code'], 'overloaded')
  match(reply.headers.get('retry-after') ?? '', /^\d+$/)
  return false
}

describe('Uploads that stall', () => {
  it('leave room for the reports of other principals, and get none of theirs', async () => {
    await using service = await listen({ ...SMALL, ...PATIENT })
    using first = stalledUpload(service.port, ADMIN, 99 * KIB)
    using second = stalledUpload(service.port, ADMIN, 99 * KIB)
    await eventually('half of the budget is held', async () => !(await hasRoom(service, ADMIN, 10 * KIB)))
    ok(await hasRoom(service, STRANGER, 100 * KIB))
    for (const upload of [first, second]) upload[Symbol.dispose]()
    await eventually('what is held is given back', () => hasRoom(service, ADMIN, 100 * KIB))
  })

  it('of several principals leave decisions alone', async () => {
    await using service = await listen({ ...SMALL, ...PATIENT })
    using uploads = new DisposableStack()
    for (const bearer of [ADMIN, ADMIN, STRANGER, STRANGER]) uploads.use(stalledUpload(service.port, bearer, 100 * KIB - 1))
    await eventually('the budget is used up', async () => !(await hasRoom(service, STRANGER, 10)))
    for (const bearer of [ADMIN, STRANGER]) {
      equal((await service.client.as(bearer).send('POST', '/v1/decisions', DECISION)).status, 200)
    }
  })

  it('of questions leave those of other principals alone, and reports', async () => {
    await using service = await listen({ ...PATIENT, maxBufferedJsonBytes: 8 * KIB, jsonDeadlineMs: 600_000 })
    using held = stalledUpload(service.port, ADMIN, 4 * KIB, '/v1/decisions')
    await eventually(
      'half of the budget is held',
      async () => (await service.client.send('POST', '/v1/decisions', DECISION)).status === 503,
    )
    equal((await service.client.as(STRANGER).send('POST', '/v1/decisions', DECISION)).status, 200)
    ok(await hasRoom(service, ADMIN, 10 * KIB))
    ok(!held.closed)
  })

  it('take no place of other principals, however short they are', async () => {
    await using service = await listen({ ...PATIENT, maxInFlight: 8 })
    using uploads = new DisposableStack()
    for (let count = 0; count < 8; count++) uploads.use(stalledUpload(service.port, ADMIN, 1))
    await eventually('those beyond a quarter are refused', () => service.log.text().match(/"status":503/g)?.length === 6)
    equal(service.dependencies.lifecycle.inFlight, 2)
    equal(await hasRoom(service, ADMIN, 1), false)
    equal((await service.client.as(STRANGER).send('POST', '/v1/decisions', DECISION)).status, 200)
    ok(await hasRoom(service, STRANGER, 1))
  })

  it('are cut once nothing has arrived for a while', async () => {
    await using service = await listen({ ...PATIENT, bodyStallMs: 300 })
    using upload = stalledUpload(service.port, ADMIN, KIB)
    const received = await upload.until(() => false)
    match(received, /^HTTP\/1\.1 408 /)
    match(received, /connection: close/i)
    match(received, /"code":"body_too_slow"/)
    match(received, /Nothing of the body arrived for 0\.3 seconds/)
    equal(replies(received), 1)
  })

  it('are not counted out while they are dealt with, also if nobody waits for the answer any more', async () => {
    await using service = await listen({ ...SMALL, ...PATIENT })
    const release = service.hold()
    for (let held = 1; held <= 2; held++) {
      using upload = announcedUpload(service.port, ADMIN, 99 * KIB)
      upload.write(Buffer.alloc(99 * KIB))
      await eventually('the report is being dealt with', () => service.waiting() === held)
    }
    await eventually('nobody waits any more', () => service.dependencies.lifecycle.inFlight === 0)
    equal(await hasRoom(service, ADMIN, 10 * KIB), false)
    release()
    await eventually('what is held is given back', () => hasRoom(service, ADMIN, 100 * KIB))
  })
})

describe('An upload that trickles', () => {
  it('is cut once it has been too slow for a whole window', async () => {
    await using service = await listen({ ...PATIENT, bodyWindowMs: 500 })
    using upload = announcedUpload(service.port, ADMIN, 100 * KIB)
    const started = performance.now()
    const trickle = (async () => {
      while (!upload.closed) {
        upload.write('a')
        await pause(20)
      }
    })()
    const received = await upload.until(() => false)
    await trickle
    match(received, /^HTTP\/1\.1 408 /)
    match(received, /connection: close/i)
    match(received, /Less than 32768 bytes of the body arrived per second over 0\.5 seconds/)
    ok(performance.now() - started >= 450, 'it was cut before the window was full')
  })

  it('is taken if it is fast enough, however long it lasts', async () => {
    await using service = await listen({ ...PATIENT, bodyWindowMs: 500, minBodyBytesPerSecond: 10 })
    using upload = announcedUpload(service.port, ADMIN, 30 * KIB)
    for (let count = 0; count < 30; count++) {
      upload.write(Buffer.alloc(KIB, 'a'))
      await pause(40)
    }
    match(await upload.until((received) => replies(received) === 1), /^HTTP\/1\.1 201 /)
  })
})
