import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export interface RunningServer extends AsyncDisposable {
  pid: number
  port: number
  /** Milliseconds from spawn until it was ready. */
  coldStart: number
}

/** Runs `opa run --server` on our shipped pack: the same Rego that our service runs as Wasm. */
export async function startOpa(opa: string, pack: string): Promise<RunningServer> {
  const port = await freePort()
  const rego = globSync([`policies/${pack}/*.rego`, 'policies/lib/*.rego']).filter((path) => !path.endsWith('_test.rego'))
  const args = ['run', '--server', '--log-level', 'error', '--skip-version-check', '--addr', `127.0.0.1:${port}`, ...rego]
  const started = performance.now()
  const child = spawn(opa, args, { stdio: 'ignore' })
  await waitUntilReady(`http://127.0.0.1:${port}/health`, child)
  return {
    pid: child.pid ?? 0,
    port,
    coldStart: performance.now() - started,
    async [Symbol.asyncDispose]() {
      const exited = once(child, 'exit')
      child.kill()
      await exited
    },
  }
}

/** Polls until the address answers 200. */
export async function waitUntilReady(url: string, child: { exitCode: number | null }): Promise<void> {
  for (let attempt = 0; attempt < 3000; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode} before it was ready`)
    const ok = await fetch(url).then(
      (response) => response.ok,
      () => false,
    )
    if (ok) return
    await sleep(5)
  }
  throw new Error(`${url} was not ready in time`)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
