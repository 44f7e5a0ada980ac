import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

import { cleanScan, COVERAGE, dirtyScan, TESTS } from './demo/reports.ts'

/** `npm run demo`: a service of its own in a temporary directory, a denial, an allow, and a receipt that verifies offline. */
async function demo(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'portcullis-demo-'))
  const token = randomBytes(32).toString('hex')
  const service = await boot(directory, token)
  try {
    await tour(new Client(service.url, token), service.verifierKey, directory)
  } finally {
    service.process.kill('SIGTERM')
    await new Promise((resolve) => service.process.once('exit', resolve))
    rmSync(directory, { recursive: true, force: true })
  }
}

async function tour(client: Client, verifierKey: string, directory: string): Promise<void> {
  const subject = digestOf('acme/shop 1.4.0')
  const rebuilt = digestOf('acme/shop 1.4.1')

  chapter('1. The pipeline posts what Trivy wrote')
  await client.post(`/v1/evidence?subject=${subject}`, dirtyScan(subject))

  chapter('2. May it go to production?')
  await client.ask({ subject, stage: 'production', context: { repository: 'acme/shop', version: '1.4.0' } })

  chapter('3. The image is rebuilt with the fixed packages, scanned and tested again')
  await client.post(`/v1/evidence?subject=${rebuilt}`, cleanScan(rebuilt))
  await client.post(`/v1/evidence?subject=${rebuilt}`, COVERAGE)
  await client.post(`/v1/evidence?subject=${rebuilt}`, TESTS)

  chapter('4. May the new one go?')
  const index = await client.ask({ subject: rebuilt, stage: 'production', context: { repository: 'acme/shop', version: '1.4.1' } })

  chapter('5. The receipt proves it offline')
  const receipt = join(directory, 'receipt.tlog-proof')
  writeFileSync(receipt, await client.get(`/v1/audit/entries/${index}/receipt`))
  const expected = `verdict=allow,subject=${rebuilt},stage=production,repository=acme/shop`
  say(`$ npm run verify-receipt -- receipt.tlog-proof --key '${verifierKey}' --expect ${expected}`)
  const verified = spawnSync(process.execPath, ['scripts/verify-receipt.ts', receipt, '--key', verifierKey, '--expect', expected], {
    encoding: 'utf8',
  })
  say(indent(verified.stdout + verified.stderr))
  if (verified.status !== 0) throw new Error(`the receipt did not verify: exit ${verified.status}`)
}

class Client {
  readonly #url: string
  readonly #token: string

  constructor(url: string, token: string) {
    this.#url = url
    this.#token = token
  }

  async post(path: string, body: string): Promise<void> {
    say(`$ curl --data-binary @report '$URL${path}'`)
    const reply = await this.#send(path, { method: 'POST', body })
    const { format, completeness, summary } = JSON.parse(reply) as { format: string; completeness: string; summary: object }
    say(indent(JSON.stringify({ format, completeness, summary })))
  }

  /** Asks, shows the answer as a person reads it, and gives back the log index. */
  async ask(question: object): Promise<number> {
    const body = JSON.stringify(question)
    say(`$ curl -H 'Accept: text/plain' -d '${body}' $URL/v1/decisions`)
    const text = await this.#send('/v1/decisions', {
      method: 'POST',
      body,
      headers: { accept: 'text/plain', 'content-type': 'application/json' },
    })
    say(indent(text))
    const index = /log index (\d+)/.exec(text)?.[1]
    if (index === undefined) throw new Error('the answer names no log index')
    return Number(index)
  }

  get(path: string): Promise<string> {
    say(`$ curl '$URL${path}'`)
    return this.#send(path, {})
  }

  async #send(path: string, init: RequestInit): Promise<string> {
    const headers = { ...(init.headers as Record<string, string> | undefined), authorization: `Bearer ${this.#token}` }
    const response = await fetch(`${this.#url}${path}`, { ...init, headers })
    const text = await response.text()
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`)
    return text
  }
}

interface Booted {
  process: ChildProcess
  url: string
  verifierKey: string
}

/** Starts a service on a free port and waits for the line that says where it listens. */
async function boot(directory: string, token: string): Promise<Booted> {
  const child = spawn(process.execPath, ['src/main.ts'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      PORTCULLIS_PORT: '0',
      PORTCULLIS_DATA_DIR: directory,
      PORTCULLIS_ADMIN_TOKEN: token,
      PORTCULLIS_LOG_LEVEL: 'info',
    },
  })
  for await (const line of createInterface({ input: child.stdout })) {
    const entry = JSON.parse(line) as { url?: string; verifierKey?: string }
    if (entry.url && entry.verifierKey) {
      child.stdout.resume()
      return { process: child, url: entry.url, verifierKey: entry.verifierKey }
    }
  }
  throw new Error('the service ended before it listened')
}

function digestOf(content: string): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}

function chapter(title: string): void {
  say(`\n${title}\n${'-'.repeat(title.length)}`)
}

function indent(text: string): string {
  return text.trimEnd().replaceAll(/^/gm, '    ')
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

await demo()
