import { Gauge, type Registry } from 'prom-client'

import type { WaiverCounts } from '../governance/waivers/ports.ts'

/** Shows how many waivers there are, and how many end soon. @param read asked whenever metrics are read; while it fails, the numbers stay */
export function observeWaivers(registry: Registry, read: () => Promise<WaiverCounts>): void {
  const waivers = new Gauge({
    name: 'portcullis_waivers',
    help: 'Waivers by state: requested, approved, rejected, revoked, expired.',
    labelNames: ['state'],
    registers: [registry],
    collect: async () => {
      const counts = await read().catch(() => undefined)
      if (!counts) return
      for (const [state, count] of Object.entries(counts.states)) waivers.set({ state }, count)
      ending.set(counts.expiringSoon)
    },
  })
  const ending = new Gauge({
    name: 'portcullis_waivers_expiring',
    help: 'Approved waivers that end within 7 days.',
    registers: [registry],
  })
}
