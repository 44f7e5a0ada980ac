import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

import type { Clock } from '../core/clock.ts'
import type { TokenCounts } from '../auth/token-statistics.ts'
import type { Telemetry } from '../core/telemetry.ts'
import type { WaiverCounts } from '../governance/waivers/ports.ts'
import type { OpenReviews } from '../decisions/reviews/ports.ts'
import { approvalMetrics } from './approval-metrics.ts'
import { observeBlocks } from './block-metrics.ts'
import { observeReviews } from './review-metrics.ts'
import { subjectMetrics, type SubjectMetrics } from './subject-metrics.ts'
import { observeTokens } from './token-metrics.ts'
import { observeWaivers } from './waiver-metrics.ts'

/** Counts requests. */
export interface RequestMetrics {
  started(): void
  /** @param operation id from the contract, or `unknown` */
  finished(operation: string, status: number, seconds: number): void
  /** A request was refused since too many came before it. */
  rateLimited(kind: 'address' | 'principal' | 'login'): void
}

/** All metrics of the service: those of requests, and what the domain tells. */
export interface ServiceMetrics extends Omit<SubjectMetrics, 'telemetry'> {
  registry: Registry
  requests: RequestMetrics
  telemetry: Telemetry
  /** Shows how many tokens there are, end soon, and lie unused. @param read asked whenever metrics are read; while it fails, the numbers stay */
  observeTokens(read: () => Promise<TokenCounts>): void
  /** Shows at how many places approvals are waited for. @param read as above */
  observeApprovals(read: () => Promise<number>): void
  /** Shows how many blocks hold. @param read as above */
  observeBlocks(read: () => Promise<number>): void
  /** Shows how many reviews are open, and how old the oldest is. @param read as above */
  observeReviews(read: () => Promise<OpenReviews>, clock: Clock): void
  /** Shows how many waivers there are by state, and how many end soon. @param read as above */
  observeWaivers(read: () => Promise<WaiverCounts>): void
}

const REQUEST_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const WORK_BUCKETS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1]

/** Metrics on a registry of their own, so that several services can live in one process. */
export function createMetrics(): ServiceMetrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const subjects = subjectMetrics(registry)
  const approvals = approvalMetrics(registry)
  return {
    registry,
    requests: requestMetrics(registry),
    ...subjects,
    telemetry: { ...subjects.telemetry, ...workMetrics(registry), approved: approvals.approved },
    observeApprovals: approvals.observe,
    observeTokens: (read) => observeTokens(registry, read),
    observeBlocks: (read) => observeBlocks(registry, read),
    observeReviews: (read, clock) => observeReviews(registry, read, clock),
    observeWaivers: (read) => observeWaivers(registry, read),
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
    help: 'Requests refused with 429: too many of one network address (address) or one principal (principal), or failed logins of one address (login).',
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

function workMetrics(registry: Registry): Pick<Telemetry, 'evaluated' | 'committed'> {
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
  return {
    evaluated: (seconds) => evaluation.observe(seconds),
    committed: (seconds) => commit.observe(seconds),
  }
}
