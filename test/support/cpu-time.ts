/**
 * Does the work and measures it in milliseconds of its thread's processor time: what others do on the machine meanwhile doesn't count.
 * @param work synchronous
 */
export function timed<T>(work: () => T): { result: T; cpuMs: number } {
  const before = process.threadCpuUsage()
  const result = work()
  const { user, system } = process.threadCpuUsage(before)
  return { result, cpuMs: (user + system) / 1000 }
}
