import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { LoadOrder, LoadReport } from './load-protocol.ts'
import { cpuSeconds, residentMegabytes } from './process-usage.ts'

/** One server under one load. */
export interface Measurement extends LoadReport {
  requestsPerSecond: number
  /** Microseconds of the server's CPU per request. */
  cpuMicroseconds: number
  /** Largest resident memory of the server that was seen, in MB. */
  residentMegabytes: number
}

/**
 * Loads a server and measures it from outside.
 * @throws {Error} if any reply was not as expected: figures of a server that answers wrongly mean nothing
 */
export async function measure(pid: number, order: LoadOrder): Promise<Measurement> {
  let resident = residentMegabytes(pid)
  const sampler = setInterval(() => {
    resident = Math.max(resident, residentMegabytes(pid))
  }, 200)
  try {
    const cpu = cpuSeconds(pid)
    const report = await generateLoad(order)
    if (report.wrong > 0) throw new Error(`${report.wrong} of ${report.requests} replies were wrong, for example: ${report.example}`)
    return {
      ...report,
      requestsPerSecond: report.requests / report.seconds,
      cpuMicroseconds: ((cpuSeconds(pid) - cpu) / report.requests) * 1e6,
      residentMegabytes: resident,
    }
  } finally {
    clearInterval(sampler)
  }
}

async function generateLoad(order: LoadOrder): Promise<LoadReport> {
  const child = fork(join(import.meta.dirname, 'load-generator.ts'))
  child.send(order)
  const exited = once(child, 'exit').then(([code]) => {
    throw new Error(`the load generator ended with ${code} before it reported`)
  })
  const [report] = (await Promise.race([once(child, 'message'), exited])) as [LoadReport]
  return report
}
