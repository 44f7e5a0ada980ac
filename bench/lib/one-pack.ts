import { startOpa } from './opa-server.ts'
import { callService, newSettings, startService, treeSize } from './service-process.ts'
import type { RunningService, ServiceSettings } from './service-process.ts'
import { composedInputs } from './composed-inputs.ts'
import { contest, figures, ratio, warmUp } from './contest.ts'
import type { Contender } from './contest.ts'
import type { Measurement } from './measure.ts'
import { sampleReports } from './reports.ts'
import type { SampleReport } from './reports.ts'
import { missedTargets } from './targets.ts'

export interface Load {
  seconds: number
  rounds: number
  connections: readonly number[]
}

export interface SizeResult {
  /** Table rows, the heading first. */
  rows: string[][]
  missed: string[]
  coldStarts: { ours: number[]; opa: number[] }
}

/** Subjects that are asked about in rotation. */
const SUBJECTS = 10
/** Vulnerabilities of a report whose composed input is about so many kilobytes. */
const VULNERABILITIES: Readonly<Record<number, number>> = { 2: 4, 18: 54, 180: 560 }
const STARTS = 5

const HEADING = [
  'input, connections',
  'OPA req/s',
  'ours',
  'ratio',
  'OPA CPU µs',
  'ours',
  'ratio',
  'OPA p50/p99 ms',
  'ours',
  'OPA MB',
  'ours',
]

/** Our service with one binding beside OPA, at one size of input and several numbers of connections. */
export async function benchSize(opa: string, dataDir: string, kilobytes: number, load: Load): Promise<SizeResult> {
  const reports = sampleReports(SUBJECTS, VULNERABILITIES[kilobytes] ?? Math.round(kilobytes * 3))
  const settings = newSettings(dataDir)
  await prepareOneBinding(settings, reports)
  const inputs = await composedInputs(
    settings,
    'vulnerabilities',
    reports.map(({ subject }) => subject),
  )
  const coldStarts = {
    ours: await coldStartsOf(() => startService(settings)),
    opa: await coldStartsOf(() => startOpa(opa, 'vulnerabilities')),
  }

  await using ours = await startService(settings)
  await using theirs = await startOpa(opa, 'vulnerabilities')
  await assertSameResults(ours, theirs.port, reports, inputs)
  const contenders = [serviceContender(ours, reports, 'build'), opaContender(theirs, inputs)]
  await warmUp(contenders)
  const rows = [HEADING]
  const missed: string[] = []
  for (const connections of load.connections) {
    const [mine = [], other = []] = await contest(contenders, { ...load, connections })
    const misses = missedTargets(kilobytes, connections, mine, other)
    missed.push(...misses.map((miss) => `${kilobytes} KB, ${connections} connections: ${miss}`))
    rows.push(row(`${sizeOf(inputs)} KB, ${connections}`, mine, other))
  }
  return { rows, missed, coldStarts }
}

/** Stores the evidence and leaves the pack `vulnerabilities` as the only one that applies at stage `build`. */
export async function prepareOneBinding(settings: ServiceSettings, reports: readonly SampleReport[]): Promise<void> {
  await using service = await startService(settings)
  await postReports(service, reports)
  await callService(service, 'DELETE', '/v1/bindings/findings')
}

export async function postReports(service: RunningService, reports: readonly SampleReport[]): Promise<void> {
  for (const { subject, body } of reports) await callService(service, 'POST', `/v1/evidence?subject=${subject}&format=trivy`, body)
}

/** Asks for recorded decisions about the reports' subjects, and holds the log to the number of those that were acknowledged. */
export function serviceContender(service: RunningService, reports: readonly SampleReport[], stage: string): Contender {
  let before: number | undefined
  return {
    pid: service.pid,
    order: {
      port: service.port,
      path: '/v1/decisions',
      headers: { authorization: `Bearer ${service.token}`, 'content-type': 'application/json' },
      bodies: reports.map(({ subject }) => JSON.stringify({ subject, stage })),
      expect: '"logIndex":',
    },
    async prepare() {
      before = await treeSize(service)
    },
    async verify(acknowledged) {
      const recorded = (await treeSize(service)) - (before ?? 0)
      if (recorded !== acknowledged) throw new Error(`${acknowledged} decisions were acknowledged and ${recorded} are in the log`)
    },
  }
}

function opaContender({ pid, port }: { pid: number; port: number }, inputs: readonly unknown[]): Contender {
  const bodies = inputs.map((input) => JSON.stringify({ input }))
  return { pid, order: { port, path: RESULTS, headers: { 'content-type': 'application/json' }, bodies, expect: '{"result":[' } }
}

const RESULTS = '/v1/data/portcullis/vulnerabilities/results'

/** Both must judge alike, or they don't do the same work: per severity the same number of findings. */
async function assertSameResults(
  service: RunningService,
  opaPort: number,
  reports: readonly SampleReport[],
  inputs: readonly unknown[],
): Promise<void> {
  for (const [at, { subject }] of reports.entries()) {
    const decision = JSON.parse(await callService(service, 'POST', '/v1/decisions', JSON.stringify({ subject, stage: 'build' }))) as {
      policies: unknown[]
      violations: { rule: string; severity: string; findings: unknown[] }[]
    }
    const reply = await fetch(`http://127.0.0.1:${opaPort}${RESULTS}`, { method: 'POST', body: JSON.stringify({ input: inputs[at] }) })
    const { result } = (await reply.json()) as { result: { rule: string; severity: string; findings: unknown[] }[] }
    const mine = decision.violations.map((violation) => `${violation.rule} ${violation.severity} ${violation.findings.length}`)
    const theirs = result.map((each) => `vulnerabilities.${each.rule} ${each.severity} ${each.findings.length}`)
    if (decision.policies.length !== 1) throw new Error(`${decision.policies.length} bindings applied in place of one`)
    if (mine.length === 0 || mine.toSorted().join() !== theirs.toSorted().join())
      throw new Error(`ours says [${mine.join()}], OPA [${theirs.join()}]`)
  }
}

async function coldStartsOf(start: () => Promise<AsyncDisposable & { coldStart: number }>): Promise<number[]> {
  const times: number[] = []
  for (let turn = 0; turn < STARTS; turn += 1) {
    await using server = await start()
    times.push(server.coldStart)
  }
  return times
}

function sizeOf(inputs: readonly unknown[]): string {
  return (JSON.stringify(inputs[0]).length / 1024).toFixed(1)
}

function row(name: string, ours: readonly Measurement[], theirs: readonly Measurement[]): string[] {
  const [mine, other] = [figures(ours), figures(theirs)]
  const latencies = ({ p50, p99 }: { p50: number; p99: number }): string => `${p50.toFixed(1)} / ${p99.toFixed(0)}`
  const times = (pick: (round: Measurement) => number): string => `${ratio(ours, theirs, pick).toFixed(2)}×`
  return [
    name,
    ...[other.requestsPerSecond.toFixed(0), mine.requestsPerSecond.toFixed(0), times((round) => round.requestsPerSecond)],
    ...[other.cpuMicroseconds.toFixed(0), mine.cpuMicroseconds.toFixed(0), times((round) => round.cpuMicroseconds)],
    ...[latencies(other), latencies(mine)],
    ...[other.residentMegabytes.toFixed(0), mine.residentMegabytes.toFixed(0)],
  ]
}
