import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { RunningServer } from './opa-server.ts'
import { waitUntilReady } from './opa-server.ts'

/** Our service as users run it: a process of its own, on its own port. */
export interface RunningService extends RunningServer {
  url: string
  token: string
}

/** Environment of a service, as far as it isn't everybody's. */
export interface ServiceSettings extends Record<string, string> {
  PORTCULLIS_DATA_DIR: string
  PORTCULLIS_ADMIN_TOKEN: string
}

/** Settings of a service with a new data directory and an admin token of its own. */
export function newSettings(dataDir: string): ServiceSettings {
  return { PORTCULLIS_DATA_DIR: dataDir, PORTCULLIS_ADMIN_TOKEN: randomBytes(32).toString('hex') }
}

/** Starts the service and waits until it is ready. */
export async function startService(settings: ServiceSettings): Promise<RunningService> {
  const started = performance.now()
  const child = spawn(process.execPath, ['src/main.ts'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PORTCULLIS_PORT: '0', ...settings },
  })
  const url = await firstUrl(child.stdout)
  child.stdout.resume()
  await waitUntilReady(`${url}/readyz`, child)
  return {
    pid: child.pid ?? 0,
    port: Number(new URL(url).port),
    url,
    token: settings.PORTCULLIS_ADMIN_TOKEN,
    coldStart: performance.now() - started,
    async [Symbol.asyncDispose]() {
      const exited = once(child, 'exit')
      child.kill()
      await exited
    },
  }
}

/** The start line is the first one that carries a URL. */
async function firstUrl(stdout: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: stdout })) {
    const { url } = JSON.parse(line) as { url?: string }
    if (url !== undefined) return url
  }
  throw new Error('the service ended before it listened')
}

/**
 * Calls the service's API.
 * @returns the body as text
 * @throws {Error} on any status but 2xx
 */
export async function callService({ url, token }: RunningService, method: string, path: string, body?: string): Promise<string> {
  const headers = { authorization: `Bearer ${token}`, ...(path === '/v1/decisions' ? { 'content-type': 'application/json' } : {}) }
  const response = await fetch(`${url}${path}`, { method, headers, ...(body === undefined ? {} : { body }) })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`)
  return text
}

/** Number of leaves in the log, from the signed checkpoint: its second line (C2SP tlog-checkpoint). */
export async function treeSize(service: RunningService): Promise<number> {
  const checkpoint = await callService(service, 'GET', '/v1/audit/checkpoint')
  return Number(checkpoint.split('\n')[1])
}
