import type { LoadOrder } from './load-protocol.ts'
import { measure } from './measure.ts'
import type { Measurement } from './measure.ts'
import { median } from './table.ts'

/** A server and what to send to it. */
export interface Contender {
  pid: number
  order: Omit<LoadOrder, 'connections' | 'seconds'>
  /** Called before each run. */
  prepare?(): Promise<void>
  /** Called after each run with the number of acknowledged requests. */
  verify?(acknowledged: number): Promise<void>
}

/** Medians over the rounds. */
export type Figures = Pick<Measurement, 'requestsPerSecond' | 'cpuMicroseconds' | 'p50' | 'p99' | 'residentMegabytes'>

/**
 * Loads the contenders one after the other, round by round, the first to go alternating: a machine's speed drifts, and only neighbours compare.
 * @returns each contender's rounds, in their order
 */
export async function contest(
  contenders: readonly Contender[],
  load: { connections: number; seconds: number; rounds: number },
): Promise<Measurement[][]> {
  const results: Measurement[][] = contenders.map(() => [])
  for (const contender of contenders) await run(contender, { ...load, seconds: 1 })
  for (let round = 0; round < load.rounds; round += 1) {
    const order = [...contenders.entries()]
    for (const [at, contender] of round % 2 === 0 ? order : order.toReversed()) results[at]?.push(await run(contender, load))
  }
  return results
}

async function run(contender: Contender, { connections, seconds }: { connections: number; seconds: number }): Promise<Measurement> {
  await contender.prepare?.()
  const measured = await measure(contender.pid, { ...contender.order, connections, seconds })
  await contender.verify?.(measured.requests)
  return measured
}

/** Loads each contender until its code is compiled and its caches are full. */
export async function warmUp(contenders: readonly Contender[]): Promise<void> {
  for (const contender of contenders) await run(contender, { connections: 16, seconds: 5 })
}

/** Medians of the rounds; memory is the largest that was seen. */
export function figures(rounds: readonly Measurement[]): Figures {
  const of = (pick: (round: Measurement) => number): number => median(rounds.map(pick))
  return {
    requestsPerSecond: of((round) => round.requestsPerSecond),
    cpuMicroseconds: of((round) => round.cpuMicroseconds),
    p50: of((round) => round.p50),
    p99: of((round) => round.p99),
    residentMegabytes: Math.max(...rounds.map((round) => round.residentMegabytes)),
  }
}

/** Median over the rounds of one figure of ours divided by the rival's of the same round. */
export function ratio(ours: readonly Measurement[], theirs: readonly Measurement[], pick: (round: Measurement) => number): number {
  return median(ours.map((round, at) => pick(round) / pick(theirs[at] ?? round)))
}
