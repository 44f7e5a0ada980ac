import { contest, figures, warmUp } from './contest.ts'
import type { Contender } from './contest.ts'
import type { Load } from './one-pack.ts'

/** Our service without a rival: figures as a table, the heading first. */
export async function oursAlone(contender: Contender, load: Load): Promise<string[][]> {
  await warmUp([contender])
  const rows = [['connections', 'req/s', 'CPU µs', 'p50/p99 ms', 'MB']]
  for (const connections of load.connections) {
    const [rounds = []] = await contest([contender], { ...load, connections })
    const { requestsPerSecond, cpuMicroseconds, p50, p99, residentMegabytes } = figures(rounds)
    rows.push([
      String(connections),
      ...[requestsPerSecond.toFixed(0), cpuMicroseconds.toFixed(0), `${p50.toFixed(1)} / ${p99.toFixed(0)}`, residentMegabytes.toFixed(0)],
    ])
  }
  return rows
}
