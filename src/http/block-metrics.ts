import { Gauge, type Registry } from 'prom-client'

/** Shows how much is blocked. @param read asked whenever metrics are read; while it fails, the number stays */
export function observeBlocks(registry: Registry, read: () => Promise<number>): void {
  const active = new Gauge({
    name: 'portcullis_blocks_active',
    help: 'Blocks that deny their subject at every stage now.',
    registers: [registry],
    collect: async () => {
      const count = await read().catch(() => undefined)
      if (count !== undefined) active.set(count)
    },
  })
}
