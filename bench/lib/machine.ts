import { cpus, totalmem } from 'node:os'

/** One line about where the figures come from. */
export function describeMachine(): string {
  const processors = cpus()
  return `Node ${process.versions.node}, ${processors.length} × ${processors[0]?.model.trim() ?? 'unknown processor'}, ${Math.round(totalmem() / 1024 ** 3)} GB`
}
