import { Gauge, type Registry } from 'prom-client'

import type { Clock } from '../core/clock.ts'
import type { OpenReviews } from '../decisions/reviews/ports.ts'

/** Shows how many reviews are open, and how old the oldest is. @param read asked whenever metrics are read; while it fails, the numbers stay */
export function observeReviews(registry: Registry, read: () => Promise<OpenReviews>, clock: Clock): void {
  const open = new Gauge({
    name: 'portcullis_reviews_open',
    help: 'Reviews after the fact (break-glass, rollback) that nobody has closed yet.',
    registers: [registry],
    collect: async () => {
      const tally = await read().catch(() => undefined)
      if (!tally) return
      open.set(tally.open)
      oldest.set(tally.oldestAt === null ? 0 : Math.max(0, clock.now() - tally.oldestAt) / 1000)
    },
  })
  const oldest = new Gauge({
    name: 'portcullis_review_oldest_seconds',
    help: 'Age of the oldest review that is open; 0 if none is.',
    registers: [registry],
  })
}
