import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

import type { Telemetry } from '../core/telemetry.ts'

/** Counts requests. */
export interface RequestMetrics {
  started(): void
  /** @param operation id from the contract, or `unknown` */
  finished(operation: string, status: number, seconds: number): void
  /** A request was refused since too many came before it. */
  rateLimited(kind: 'address' | 'principal'): void
}

/** All metrics of the service: those of requests, and what the domain tells. */
export interface ServiceMetrics {
  registry: Registry
  requests: RequestMetrics
  telemetry: Telemetry
  /** Shows what remains of baselines, by binding. @param read asked whenever metrics are read; while it fails, the numbers stay */
  observeBaselines(read: () => Promise<ReadonlyMap<string, number>>): void
}

const REQUEST_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const WORK_BUCKETS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1]
/** Names of stages and environments come from callers: beyond this many they are counted together. */
const MOST_PLACES = 50
/** Administrators name bindings, but nothing limits how many. */
const MOST_BINDINGS = 200

/** Metrics on a registry of their own, so that several services can live in one process. */
export function createMetrics(): ServiceMetrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  return {
    registry,
    requests: requestMetrics(registry),
    telemetry: telemetryMetrics(registry),
    observeBaselines: (read) => observeBaselines(registry, read),
  }
}

function requestMetrics(registry: Registry): RequestMetrics {
  const seconds = new Histogram({
    name: 'portcullis_http_request_duration_seconds',
    help: 'Time from the head of a request to the end of its reply, by operation and status.',
    labelNames: ['operation', 'status'],
    buckets: REQUEST_BUCKETS,
    registers: [registry],
  })
  const inFlight = new Gauge({ name: 'portcullis_http_requests_in_flight', help: 'Requests in progress.', registers: [registry] })
  const limited = new Counter({
    name: 'portcullis_rate_limited_total',
    help: 'Requests refused with 429: too many of one network address (address) or one principal (principal).',
    labelNames: ['kind'],
    registers: [registry],
  })
  // Looking up a labelled child costs more than observing it; operations and statuses are few.
  const children = new Map<string, { observe(seconds: number): void }>()
  return {
    started: () => inFlight.inc(),
    rateLimited: (kind) => limited.inc({ kind }),
    finished: (operation, status, elapsed) => {
      inFlight.dec()
      const key = `${operation} ${status}`
      let child = children.get(key)
      if (!child) children.set(key, (child = seconds.labels(operation, String(status))))
      child.observe(elapsed)
    },
  }
}

function telemetryMetrics(registry: Registry): Telemetry {
  const decisions = new Counter({
    name: 'portcullis_decisions_total',
    help: 'Verdicts reached, by verdict and stage.',
    labelNames: ['verdict', 'stage', 'dry_run'],
    registers: [registry],
  })
  const deployments = new Counter({
    name: 'portcullis_deployments_total',
    help: 'Deployments that started and that ended, by environment, whether an enforced allow grounds them, and outcome.',
    labelNames: ['environment', 'grounded', 'outcome'],
    registers: [registry],
  })
  const bypasses = new Counter({
    name: 'portcullis_deployment_bypasses_total',
    help: 'Deployments that started without any allow, by environment.',
    labelNames: ['environment'],
    registers: [registry],
  })
  const evaluation = new Histogram({
    name: 'portcullis_policy_evaluation_duration_seconds',
    help: 'Time to run all packs of one decision.',
    buckets: WORK_BUCKETS,
    registers: [registry],
  })
  const commit = new Histogram({
    name: 'portcullis_commit_duration_seconds',
    help: 'Time to commit one batch of writes.',
    buckets: WORK_BUCKETS,
    registers: [registry],
  })
  const stages = new Set<string>()
  const environments = new Set<string>()
  return {
    decided: (verdict, stage, dryRun) =>
      decisions.inc({ verdict, stage: boundedLabel(stages, stage, MOST_PLACES), dry_run: String(dryRun) }),
    deployed: ({ environment: name, grounded, bypass, state }) => {
      const environment = boundedLabel(environments, name, MOST_PLACES)
      deployments.inc({ environment, grounded: String(grounded), outcome: state })
      if (bypass && state === 'started') bypasses.inc({ environment })
    },
    evaluated: (seconds) => evaluation.observe(seconds),
    committed: (seconds) => commit.observe(seconds),
  }
}

function observeBaselines(registry: Registry, read: () => Promise<ReadonlyMap<string, number>>): void {
  const gauge = new Gauge({
    name: 'portcullis_baseline_findings',
    help: 'Old debt that is left to be paid, by binding: findings, failing tests, or percentage points that are not covered.',
    labelNames: ['binding'],
    registers: [registry],
    collect: async () => {
      const remaining = await read().catch(() => undefined)
      if (!remaining) return
      gauge.reset()
      const bindings = new Set<string>()
      for (const [binding, count] of remaining) gauge.inc({ binding: boundedLabel(bindings, binding, MOST_BINDINGS) }, count)
    },
  })
}

function boundedLabel(known: Set<string>, name: string, most: number): string {
  if (known.has(name)) return name
  if (known.size >= most) return 'other'
  known.add(name)
  return name
}
