import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'

import { describeMachine } from './lib/machine.ts'
import { cpuSeconds } from './lib/process-usage.ts'
import { freshDigest, trivy } from '../test/support/reports.ts'
import { callService, newSettings, startService, type RunningService } from './lib/service-process.ts'
import { median, table } from './lib/table.ts'

/**
 * `npm run bench:backtest [-- DECISIONS]`: records decisions of the five default packs, runs `vulnerabilities` with other parameters over them while
 * nothing else happens and while live decisions are asked for, and prints the flips.
 */
async function measureBacktests(count: number): Promise<void> {
  say(`${describeMachine()}; ${count.toLocaleString('en-US')} decisions`)
  const dataDir = mkdtempSync(join(tmpdir(), 'portcullis-backtest-'))
  try {
    await using service = await startService(newSettings(dataDir))
    await record(service, count)
    const { latest } = JSON.parse(await callService(service, 'GET', '/v1/policies/vulnerabilities')) as { latest: string }
    const path = `/v1/policies/vulnerabilities/versions/${latest}/backtest`
    const alone = await backtest(service, path, () => {})
    const quiet = await live(service, until(5_000))
    let over = false
    const [busy] = await Promise.all([live(service, () => over), backtest(service, path, () => (over = true))])
    printFlips(alone.operation)
    printSpeed(count, alone)
    say(
      `\n${table([
        ['live decisions, 4 connections', 'p50 ms', 'p99 ms'],
        ['alone', ...times(quiet)],
        ['beside a backtest', ...times(busy)],
      ])}`,
    )
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}

const AT_ONCE = 32
const SUBJECTS = 200
const PERIOD = { from: '2020-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' }
/** In the place of the default, which allows neither critical ones nor high ones with a fix. */
const PARAMETERS = { max: { critical: 0, high: 1, medium: 0 }, fixableOnly: [] }
/** What each of the images carries, in turn. */
const CARRIED = [[], ['HIGH'], ['MEDIUM'], ['LOW', 'LOW'], ['CRITICAL', 'HIGH']]

interface Count {
  name: string | null
  allowToDeny: number
  denyToAllow: number
}

interface Operation {
  state: string
  progress: { done: number; total: number; percent: number }
  result: { allowToDeny: number; denyToAllow: number; same: number; byRule: Count[]; byRepository: Count[] } | null
}

/** Decisions about these images, in ten repositories. */
async function record(service: RunningService, count: number): Promise<void> {
  const reports = Array.from({ length: SUBJECTS }, (_, at) => image(CARRIED[at % CARRIED.length] ?? []))
  for (const { subject, body } of reports) await callService(service, 'POST', `/v1/evidence?subject=${subject}&format=trivy`, body)
  for (let asked = 0; asked < count; asked += AT_ONCE) {
    const batch = Array.from({ length: Math.min(AT_ONCE, count - asked) }, (_, at) =>
      ask(service, reports[(asked + at) % reports.length], asked + at),
    )
    await Promise.all(batch)
  }
}

function image(severities: string[]): { subject: string; body: string } {
  return { subject: freshDigest(), body: trivy({ severities }) }
}

function ask(service: RunningService, report: { subject: string } | undefined, at: number): Promise<string> {
  const context = { repository: `acme/shop-${at % 10}`, execution: String(at) }
  return callService(service, 'POST', '/v1/decisions', JSON.stringify({ subject: report?.subject, stage: 'production', context }))
}

interface Run {
  operation: Operation
  seconds: number
  /** Of all threads of the service. */
  cpu: number
}

/** Prints the progress as it is read every second. */
async function backtest(service: RunningService, path: string, ended: () => void): Promise<Run> {
  const [started, cpu] = [performance.now(), cpuSeconds(service.pid)]
  const { id } = JSON.parse(await post(service, path, { ...PERIOD, parameters: PARAMETERS })) as { id: string }
  for (;;) {
    const operation = JSON.parse(await callService(service, 'GET', `/v1/operations/${id}`)) as Operation
    const { done, total, percent } = operation.progress
    say(`  ${operation.state} ${done} of ${total}, ${percent} %`)
    if (operation.state !== 'running') {
      ended()
      return { operation, seconds: (performance.now() - started) / 1000, cpu: cpuSeconds(service.pid) - cpu }
    }
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
}

async function post({ url, token }: RunningService, path: string, body: object): Promise<string> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const response = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`POST ${path} answered ${response.status}: ${await response.text()}`)
  return response.text()
}

/** Asks for decisions on four connections. @returns how long each took, in milliseconds */
async function live(service: RunningService, over: () => boolean): Promise<number[]> {
  const report = image(['HIGH'])
  await callService(service, 'POST', `/v1/evidence?subject=${report.subject}&format=trivy`, report.body)
  const taken: number[] = []
  const asking = async (): Promise<void> => {
    while (!over()) {
      const started = performance.now()
      await ask(service, report, 0)
      taken.push(performance.now() - started)
    }
  }
  await Promise.all(Array.from({ length: 4 }, asking))
  return taken
}

function until(ms: number): () => boolean {
  const end = performance.now() + ms
  return () => performance.now() > end
}

function times(taken: readonly number[]): string[] {
  const p99 = taken.toSorted((a, b) => a - b)[Math.floor(taken.length * 0.99)] ?? Number.NaN
  return [median(taken).toFixed(1), p99.toFixed(0)]
}

function printFlips({ result }: Operation): void {
  if (!result) throw new Error('the backtest has no result')
  const rows = [...result.byRule, ...result.byRepository].map((each) => [
    each.name ?? '(none)',
    `${each.allowToDeny}`,
    `${each.denyToAllow}`,
  ])
  say(`\n${table([['flips', 'allow to deny', 'deny to allow'], ['all', `${result.allowToDeny}`, `${result.denyToAllow}`], ...rows])}`)
}

function printSpeed(count: number, { seconds, cpu }: Run): void {
  const figures = [count / seconds, count / cpu, (cpu / count) * 1e6].map((figure) => figure.toFixed(0))
  const rows = [
    ['', 'decisions/s', 'decisions/s per core', 'CPU µs each'],
    [`backtest on ${availableParallelism()} cores`, ...figures],
  ]
  say(`\n${table(rows)}`)
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

await measureBacktests(Number(process.argv[2] ?? 10_000))
