import { Gauge, type Registry } from 'prom-client'

import type { TokenCounts } from '../auth/token-statistics.ts'

/** @param read asked for each metric; while it fails, the numbers stay */
export function observeTokens(registry: Registry, read: () => Promise<TokenCounts>): void {
  const observe = (name: string, help: string, labelNames: string[], set: (gauge: Gauge, counts: TokenCounts) => void): void => {
    const gauge = new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      collect: async () => {
        const counts = await read().catch(() => undefined)
        if (counts) set(gauge, counts)
      },
    })
  }
  observe('portcullis_tokens_active', 'Tokens that work and have no successor; logins are not counted.', [], (gauge, { active }) =>
    gauge.set(active),
  )
  observe('portcullis_tokens_expiring', 'Active tokens that end within this time.', ['within'], (gauge, { expiring }) => {
    for (const [within, count] of Object.entries(expiring)) gauge.set({ within }, count)
  })
  const help = 'Active tokens that were not used for this time; one that never was counts from its making.'
  observe('portcullis_tokens_unused', help, ['for'], (gauge, { unused }) => {
    for (const [time, count] of Object.entries(unused)) gauge.set({ for: time }, count)
  })
}
