import { Gauge, Histogram, type Registry } from 'prom-client'

/** People take minutes to days. */
const BUCKETS = [10, 60, 300, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400, 172_800, 604_800]

/** How long approvals are waited for, and at how many places. */
export interface ApprovalMetrics {
  approved: (seconds: number) => void
  /** @param read asked whenever metrics are read; while it fails, the number stays */
  observe: (read: () => Promise<number>) => void
}

export function approvalMetrics(registry: Registry): ApprovalMetrics {
  const seconds = new Histogram({
    name: 'portcullis_approval_pending_seconds',
    help: 'Time from the first request or pending decision to the verdict that had enough approvals.',
    buckets: BUCKETS,
    registers: [registry],
  })
  return {
    approved: (elapsed) => seconds.observe(elapsed),
    observe: (read) => {
      const gauge = new Gauge({
        name: 'portcullis_approvals_pending',
        help: 'Subjects × stages × environments × repositories that have waited for approvals in the last 30 days and have not got enough.',
        registers: [registry],
        collect: async () => {
          const waiting = await read().catch(() => undefined)
          if (waiting !== undefined) gauge.set(waiting)
        },
      })
    },
  }
}
