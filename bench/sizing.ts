import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { sampleReports } from './lib/reports.ts'
import { callService, newSettings, startService, type ServiceSettings } from './lib/service-process.ts'
import { table } from './lib/table.ts'

/** `npm run bench:sizing`: what a decision and a report take on disk, measured on an embedded database. */
async function measureSizes(): Promise<void> {
  const rows = [['what', 'report sent', 'database', 'blobs']]
  for (const vulnerabilities of [0, 10, 100, 1000]) rows.push(await sizeOfReports(vulnerabilities))
  for (const [name, stage] of [
    ['decision, 2 packs', 'build'],
    ['decision, 5 packs', 'production'],
  ] as const) {
    rows.push(await sizeOfDecisions(name, stage, 0))
    rows.push(await sizeOfDecisions(`${name}, denied with 12 findings`, stage, 12))
  }
  process.stdout.write(`${table(rows)}\n`)
}

const REPORTS = 50
const DECISIONS = 2000
const AT_ONCE = 32

async function sizeOfReports(vulnerabilities: number): Promise<string[]> {
  const reports = sampleReports(REPORTS, vulnerabilities)
  const sent = reports.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0)
  const grown = await growth(async (settings) => {
    await using service = await startService(settings)
    for (const { subject, body } of reports) await callService(service, 'POST', `/v1/evidence?subject=${subject}&format=trivy`, body)
  })
  return [`report of ${vulnerabilities} vulnerabilities`, ...[sent, grown.database, grown.blobs].map((bytes) => bytesEach(bytes, REPORTS))]
}

async function sizeOfDecisions(name: string, stage: string, vulnerabilities: number): Promise<string[]> {
  const [report] = sampleReports(1, vulnerabilities)
  if (!report) throw new Error('there is no report')
  const ask = JSON.stringify({
    subject: report.subject,
    stage,
    context: {
      repository: 'acme/shop',
      commit: 'c'.repeat(40),
      actor: 'ci',
      execution: '4711',
      executionUrl: 'https://ci.example.com/runs/4711',
    },
  })
  const grown = await growth(
    async (settings) => {
      await using service = await startService(settings)
      for (let asked = 0; asked < DECISIONS; asked += AT_ONCE) {
        await Promise.all(Array.from({ length: AT_ONCE }, () => callService(service, 'POST', '/v1/decisions', ask)))
      }
    },
    async (settings) => {
      await using service = await startService(settings)
      await callService(service, 'POST', `/v1/evidence?subject=${report.subject}&format=trivy`, report.body)
    },
  )
  return [name, '', bytesEach(grown.database, Math.ceil(DECISIONS / AT_ONCE) * AT_ONCE), '']
}

interface Sizes {
  database: number
  blobs: number
}

/** How much the data directory grows by what `act` does; each step stops its service, which empties the write-ahead log. */
async function growth(
  act: (settings: ServiceSettings) => Promise<void>,
  prepare: (settings: ServiceSettings) => Promise<void> = async (settings) => (await startService(settings))[Symbol.asyncDispose](),
): Promise<Sizes> {
  const directory = mkdtempSync(join(tmpdir(), 'portcullis-sizing-'))
  try {
    const settings = { ...newSettings(directory), PORTCULLIS_LOG_LEVEL: 'info' }
    await prepare(settings)
    const before = sizesOf(directory)
    await act(settings)
    const after = sizesOf(directory)
    return { database: after.database - before.database, blobs: after.blobs - before.blobs }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

function sizesOf(directory: string): Sizes {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((file) => file.isFile())
  const total = (wanted: (path: string) => boolean): number =>
    files
      .map((file) => join(file.parentPath, file.name))
      .filter(wanted)
      .reduce((sum, path) => sum + statSync(path).size, 0)
  return { database: total((path) => /portcullis\.db(-wal)?$/.test(path)), blobs: total((path) => path.includes('/blobs/')) }
}

function bytesEach(bytes: number, count: number): string {
  return `${Math.round(bytes / count).toLocaleString('en-US')} B`
}

await measureSizes()
