import { spawn } from 'node:child_process'
import { constants, setPriority } from 'node:os'

/** How one run of the CLI ended. */
export interface OpaRun {
  /** Null if it was ended, by its limits or by a crash. */
  status: number | null
  stdout: string
  stderr: string
  /** Which limit ended it, if one did. */
  stopped: 'time' | 'output' | null
}

export interface OpaLimits {
  /** Milliseconds that one run may take. */
  timeoutMs: number
  /** Bytes of memory that one run may take, where the system lets them be bounded. */
  memoryBytes: number
}

/** Runs one command of the CLI in a folder, or in place of that says how it would have ended. */
export type RunOpa = (options: readonly string[], folder: string) => Promise<OpaRun>

const MAX_OUTPUT_BYTES = 16 * 1024 * 1024
const MAX_FILE_BYTES = 64 * 1024 * 1024

/**
 * Runs the OPA CLI on files that nobody vouches for: with an empty environment, in a folder of theirs, below everything else in priority, with bounds of
 * time, memory, output and files written. It never rejects for what the CLI does.
 */
export function opaCli(path: string, limits: OpaLimits): RunOpa {
  return (options, folder) => run(limited([path, ...options], limits), folder, limits.timeoutMs)
}

/** The shell sets what Node can't, and gives way to the CLI. A limit that a system doesn't know is left out. */
function limited(command: readonly string[], { timeoutMs, memoryBytes }: OpaLimits): readonly string[] {
  if (process.platform === 'win32') return command
  const wanted = [`-t ${Math.ceil(timeoutMs / 1000) * 2}`, `-d ${Math.ceil(memoryBytes / 1024)}`, `-f ${MAX_FILE_BYTES / 512}`, '-c 0']
  const script = `${wanted.map((limit) => `ulimit ${limit} 2>/dev/null || :`).join('; ')}; exec "$@"`
  return ['/bin/sh', '-c', script, 'opa', ...command]
}

async function run([file = '', ...options]: readonly string[], folder: string, timeoutMs: number): Promise<OpaRun> {
  const child = spawn(file, options, { cwd: folder, env: {}, stdio: ['ignore', 'pipe', 'pipe'] })
  let stopped: OpaRun['stopped'] = null
  const stop = (why: NonNullable<OpaRun['stopped']>): void => {
    stopped ??= why
    child.kill('SIGKILL')
  }
  const timer = setTimeout(() => stop('time'), timeoutMs)
  const [stdout, stderr] = [collect(child.stdout, stop), collect(child.stderr, stop)]
  const { promise, resolve } = Promise.withResolvers<number | null>()
  child.on('error', () => resolve(null))
  child.on('close', (status) => resolve(status))
  if (child.pid !== undefined) giveWay(child.pid)
  try {
    const status = await promise
    return { status: stopped === null ? status : null, stdout: stdout(), stderr: stderr(), stopped }
  } finally {
    clearTimeout(timer)
  }
}

function collect(stream: NodeJS.ReadableStream, stop: (why: 'output') => void): () => string {
  const chunks: Buffer[] = []
  let bytes = 0
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > MAX_OUTPUT_BYTES) stop('output')
    else chunks.push(chunk)
  })
  return () => Buffer.concat(chunks).toString('utf8')
}

/** Decisions are judged meanwhile. */
function giveWay(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL)
  } catch {
    // It ended already.
  }
}
