import type { Measurement } from './measure.ts'
import { figures, ratio } from './contest.ts'

/** What a load of one size and number of connections is held to; absent where it is only shown. */
interface Target {
  requests?: number
  cpu?: number
}

/** Ratios of ours to OPA's by kilobytes of input, at 16 and at 64 connections. */
const RATIOS: Readonly<Record<number, Target>> = { 2: { requests: 2, cpu: 0.35 }, 18: { requests: 3, cpu: 0.25 } }
const MAX_P99_MS = 50
const MAX_RESIDENT_MB = 250
const MAX_COLD_START_MS = 1500

/** The targets that were missed, in words; empty if all were met or none applies. */
export function missedTargets(
  kilobytes: number,
  connections: number,
  ours: readonly Measurement[],
  theirs: readonly Measurement[],
): string[] {
  const target = RATIOS[kilobytes]
  if (target === undefined || connections === 1) return []
  const mine = figures(ours)
  const requests = ratio(ours, theirs, (round) => round.requestsPerSecond)
  const cpu = ratio(ours, theirs, (round) => round.cpuMicroseconds)
  const p99 = ratio(ours, theirs, (round) => round.p99)
  const missed: string[] = []
  if (target.requests !== undefined && requests < target.requests) missed.push(`requests ${requests.toFixed(2)}× < ${target.requests}×`)
  if (target.cpu !== undefined && cpu > target.cpu) missed.push(`CPU ${cpu.toFixed(2)}× > ${target.cpu}×`)
  if (p99 >= 1) missed.push(`p99 ${p99.toFixed(2)}× OPA's`)
  if (connections === 64 && mine.p99 > MAX_P99_MS) missed.push(`p99 ${mine.p99.toFixed(0)} ms > ${MAX_P99_MS} ms`)
  if (mine.residentMegabytes > MAX_RESIDENT_MB) missed.push(`memory ${mine.residentMegabytes.toFixed(0)} MB > ${MAX_RESIDENT_MB} MB`)
  return missed
}

/** The same for the time from start to ready. */
export function missedColdStart(milliseconds: number): string[] {
  return milliseconds > MAX_COLD_START_MS ? [`cold start ${milliseconds.toFixed(0)} ms > ${MAX_COLD_START_MS} ms`] : []
}
