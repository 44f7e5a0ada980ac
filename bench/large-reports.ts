import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { peakMegabytes, residentMegabytes } from './lib/process-usage.ts'
import { sampleReports } from './lib/reports.ts'
import { callService, newSettings, startService, type RunningService } from './lib/service-process.ts'
import { table } from './lib/table.ts'

/** `npm run bench:large`: what the largest reports take, and how long others wait meanwhile. */
async function measureLargeReports(): Promise<void> {
  const rows = [['what', 'MB', 'seconds', 'peak MB', 'others: count', 'p50 ms', 'p99 ms', 'max ms']]
  rows.push(await alone())
  const trivy = largestOf(60, sampleReports)
  rows.push(await under(`Trivy, ${trivy.count} vulnerabilities`, trivy.body, trivy.subject, 'trivy'))
  rows.push(await under(`JUnit, ${CASES} cases`, junit(), trivy.subject, 'junit'))
  process.stdout.write(`${table(rows)}\n`)
}

const CASES = 50_000
const MEBIBYTE = 1024 * 1024

function largestOf(megabytes: number, make: typeof sampleReports) {
  const each = Buffer.byteLength(make(1, 1000)[0]?.body ?? '') / 1000
  const count = Math.floor((megabytes * MEBIBYTE) / each) - 100
  const [report] = make(1, count)
  if (!report) throw new Error('there is no report')
  return { ...report, count }
}

function junit(): string {
  const cases = Array.from({ length: CASES }, (_, at) => {
    const open = `<testcase classname="shop.cart.Suite${at % 100}" name="puts article ${at} into the cart" time="0.0${at % 10}"`
    return at % 1000 === 999 ? `${open}><failure message="expected ${at}">at Suite${at % 100}.java:${at}</failure></testcase>` : `${open}/>`
  })
  return `<?xml version="1.0"?><testsuite name="shop" tests="${CASES}" failures="${CASES / 1000}" errors="0">${cases.join('')}</testsuite>`
}

/** Others alone: what they wait when nothing large comes in. */
async function alone(): Promise<string[]> {
  return withService(async (service) => {
    const others = new Others(service)
    await new Promise((resolve) => setTimeout(resolve, 3000))
    return ['nothing large', '', '', residentMegabytes(service.pid).toFixed(0), ...(await others.end())]
  })
}

async function under(what: string, body: string, subject: string, format: string): Promise<string[]> {
  return withService(async (service) => {
    const others = new Others(service)
    const started = performance.now()
    await callService(service, 'POST', `/v1/evidence?subject=${subject}&format=${format}`, body)
    const seconds = (performance.now() - started) / 1000
    const waits = await others.end()
    return [what, (Buffer.byteLength(body) / MEBIBYTE).toFixed(1), seconds.toFixed(1), peakMegabytes(service.pid).toFixed(0), ...waits]
  })
}

async function withService(act: (service: RunningService) => Promise<string[]>): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'portcullis-large-'))
  try {
    await using service = await startService({ ...newSettings(directory), PORTCULLIS_LOG_LEVEL: 'info' })
    const [small] = sampleReports(1, 10)
    if (!small) throw new Error('there is no report')
    await callService(service, 'POST', `/v1/evidence?subject=${small.subject}&format=trivy`, small.body)
    return await act(service)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Asks for a decision about a small image, again and again, one at a time. */
class Others {
  readonly #waits: number[] = []
  readonly #asking: Promise<void>
  #ended = false

  constructor(service: RunningService) {
    this.#asking = this.#ask(service, JSON.stringify({ subject: sampleReports(1, 10)[0]?.subject, stage: 'build' }))
  }

  async end(): Promise<string[]> {
    this.#ended = true
    await this.#asking
    const sorted = this.#waits.toSorted((a, b) => a - b)
    const at = (part: number): string => (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN).toFixed(0)
    return [String(sorted.length), at(0.5), at(0.99), at(1)]
  }

  async #ask(service: RunningService, question: string): Promise<void> {
    while (!this.#ended) {
      const started = performance.now()
      await callService(service, 'POST', '/v1/decisions', question)
      this.#waits.push(performance.now() - started)
    }
  }
}

await measureLargeReports()
