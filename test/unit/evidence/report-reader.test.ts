import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { isAppError } from '../../../src/core/app-error.ts'
import { sha256Digest } from '../../../src/core/digest.ts'
import { ReportReader } from '../../../src/evidence/report-reader.ts'
import { junit, trivy } from '../../support/reports.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'read',
    (error: unknown) => (isAppError(error) ? error.code : String(error)),
  )
}

describe('reading reports on a thread of their own', () => {
  it('gives back the report, its digest and the bytes to keep', async () => {
    await using reader = new ReportReader()
    const text = trivy({ severities: ['HIGH'] })
    const read = await reader.read(bytes(text), 'auto')
    assert.deepEqual([read.format, read.report.findings.length, read.digest], ['trivy', 1, sha256Digest(text)])
    assert.equal(read.storedDigest, read.digest)
    assert.equal(new TextDecoder().decode(read.stored), text)
  })

  it('keeps no secret in the bytes that are kept', async () => {
    await using reader = new ReportReader()
    const read = await reader.read(bytes(trivy({ scanned: 'secrets', secrets: 2 })), 'auto')
    assert.notEqual(read.storedDigest, read.digest)
    assert.equal(sha256Digest(read.stored), read.storedDigest)
    assert.ok(!new TextDecoder().decode(read.stored).includes('hunter2'))
  })

  it('leaves a buffer alone that holds more than the report', async () => {
    await using reader = new ReportReader()
    const pool = bytes(`${trivy()}tail`)
    await reader.read(pool.subarray(0, pool.length - 4), 'trivy')
    assert.equal(new TextDecoder().decode(pool.subarray(-4)), 'tail')
  })

  it('reads many small reports out of the pool that Node keeps for small buffers', async () => {
    await using reader = new ReportReader()
    const texts = Array.from({ length: 50 }, (_, at) => `${trivy()}${' '.repeat(at)}`)
    const reads = await Promise.all(texts.map((text) => reader.read(Buffer.from(text), 'auto')))
    assert.deepEqual(
      reads.map(({ digest }) => digest),
      texts.map((text) => sha256Digest(text)),
    )
  })

  it('refuses bytes that cannot be handed over, and reads those behind them', async () => {
    await using reader = new ReportReader()
    const gone = new Uint8Array(10)
    structuredClone(gone, { transfer: [gone.buffer] })
    const [wrong, right] = await Promise.all([codeOf(reader.read(gone, 'auto')), codeOf(reader.read(bytes(trivy()), 'auto'))])
    assert.match(wrong, /DataCloneError/)
    assert.equal(right, 'read')
  })

  it('tells what is wrong with a report that cannot be read, and reads the next one', async () => {
    await using reader = new ReportReader()
    const [wrong, right] = await Promise.all([
      codeOf(reader.read(bytes('{"a":'), 'auto')),
      codeOf(reader.read(bytes(junit({ passed: 1 })), 'auto')),
    ])
    assert.deepEqual([wrong, right], ['report_malformed', 'read'])
  })

  it('gives up on a report that takes too long, and reads those behind it', async () => {
    await using reader = new ReportReader({ deadlineMs: 1 })
    const slow = codeOf(reader.read(bytes(junit({ passed: 200_000 })), 'auto'))
    assert.equal(await slow, 'report_too_slow')
  })

  it('refuses a report that needs more memory than one may take, and goes on', async () => {
    await using reader = new ReportReader({ maxMemoryMb: 64 })
    const hungry = JSON.stringify(Array.from({ length: 1_500_000 }, () => ({ a: {} })))
    assert.ok(['report_too_complex', 'report_format_unknown', 'report_too_slow'].includes(await codeOf(reader.read(bytes(hungry), 'auto'))))
    assert.equal(await codeOf(reader.read(bytes(trivy()), 'auto')), 'read')
  })

  it('refuses reports beyond what may wait', async () => {
    await using reader = new ReportReader({ maxWaitingBytes: 10 })
    const all = await Promise.all([1, 2, 3].map(() => codeOf(reader.read(bytes(trivy()), 'auto'))))
    assert.deepEqual(all, ['read', 'read', 'overloaded'])
  })
})
