import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

import { Client } from './client.ts'

/** A service in a process of its own, as a user starts it. */
export interface ServiceProcess extends AsyncDisposable {
  child: ChildProcess
  url: string
  verifierKey: string
  /** Every line that it logged so far. */
  lines: Record<string, unknown>[]
  /** Speaks with this token. */
  client(token: string): Client
  /** Sends the signal and waits for the end. @returns exit code, or the signal that ended it */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null>
}

/** @param env settings; nothing of the test's own environment that begins with PORTCULLIS_ is passed on */
export async function startProcess(env: Record<string, string>): Promise<ServiceProcess> {
  const { child, lines, ended } = launch(env)
  const listening = Promise.withResolvers<Record<string, unknown>>()
  lines.on('line', (line: Record<string, unknown>) => {
    if (typeof line['url'] === 'string') listening.resolve(line)
  })
  const first = await Promise.race([listening.promise, ended])
  if (!('url' in first)) throw new Error(`the service ended: ${String(first['error'])}`)
  const url = String(first['url'])
  return {
    child,
    url,
    verifierKey: String(first['verifierKey']),
    lines: lines.seen,
    client: (token) => new Client(url, token),
    end: async (signal) => {
      child.kill(signal)
      return (await ended).code
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Starts a service that is expected to refuse. @returns its exit code, what it said on standard error, and the lines that it logged */
export async function failedStart(
  env: Record<string, string>,
): Promise<{ code: number | NodeJS.Signals | null; error: string; lines: Record<string, unknown>[] }> {
  const { child, lines, ended } = launch(env)
  const timer = setTimeout(() => child.kill('SIGKILL'), 90_000)
  try {
    return { ...(await ended), lines: lines.seen }
  } finally {
    clearTimeout(timer)
  }
}

interface LineReader {
  seen: Record<string, unknown>[]
  on(event: 'line', listener: (line: Record<string, unknown>) => void): void
}

function launch(env: Record<string, string>): {
  child: ChildProcess
  lines: LineReader
  ended: Promise<{ code: number | NodeJS.Signals | null; error: string }>
} {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('PORTCULLIS_') && name !== 'NODE_TEST_CONTEXT')
  const child = spawn(process.execPath, ['src/main.ts'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...Object.fromEntries(inherited), PORTCULLIS_PORT: '0', ...env },
  })
  let error = ''
  child.stderr.on('data', (chunk: Buffer) => (error += chunk.toString()))
  const seen: Record<string, unknown>[] = []
  const listeners: ((line: Record<string, unknown>) => void)[] = []
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text) as Record<string, unknown>
    seen.push(line)
    for (const listener of listeners) listener(line)
  })
  const ended = once(child, 'close').then(([code, signal]) => ({ code: (code ?? signal) as number | NodeJS.Signals | null, error }))
  return { child, lines: { seen, on: (_event, listener) => void listeners.push(listener) }, ended }
}
