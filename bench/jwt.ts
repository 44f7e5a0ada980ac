import { createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto'
import { parseArgs, promisify } from 'node:util'

import type { JwtAlgorithm } from '../src/auth/jwt/model.ts'
import { JwtVerifier } from '../src/auth/jwt/verifier.ts'
import { systemClock } from '../src/core/clock.ts'
import { describeMachine } from './lib/machine.ts'
import { median, table } from './lib/table.ts'

/**
 * `npm run bench:jwt [-- --rounds N --tokens N]`: what verifying a JWT whose key is known costs, beside the bare check of its signature by
 * node:crypto, on the calling thread and by callback on a thread of the pool. Microseconds of CPU, of all threads; the ratios are formed
 * within a round. Every token is a new one to the verifier; the last column shows one that it has seen before.
 */
async function measureJwt(): Promise<void> {
  const { rounds, tokens } = options()
  const rows = [['algorithm, at once', 'verify', 'by callback', 'verifyJwt', 'ratio', 'to callback', 'seen before']]
  for (const algorithm of ['RS256', 'ES256'] as const) {
    const contest = new Contest(algorithm, tokens)
    await contest.round(1)
    for (const concurrency of [1, 64]) {
      const measured = []
      for (let round = 0; round < rounds; round++) measured.push(await contest.round(concurrency))
      rows.push([`${algorithm}, ${concurrency}`, ...figures(measured)])
    }
  }
  process.stdout.write(`${describeMachine()}\n\n${table(rows)}\n`)
}

function options(): { rounds: number; tokens: number } {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '15' }, tokens: { type: 'string', default: '2500' } } })
  return { rounds: Number(values.rounds), tokens: Number(values.tokens) }
}

/** Microseconds of CPU for each token. */
interface Round {
  bare: number
  threaded: number
  whole: number
  again: number
}

function figures(rounds: readonly Round[]): string[] {
  const of = (figure: (round: Round) => number, digits: number): string => median(rounds.map(figure)).toFixed(digits)
  return [
    of(({ bare }) => bare, 1),
    of(({ threaded }) => threaded, 1),
    of(({ whole }) => whole, 1),
    `${of(({ whole, bare }) => whole / bare, 2)}×`,
    `${of(({ whole, threaded }) => whole / threaded, 2)}×`,
    of(({ again }) => again, 1),
  ]
}

const verifyThreaded = promisify(verify)

class Contest {
  readonly #publicKey: KeyObject
  readonly #algorithm: JwtAlgorithm
  readonly #tokens: readonly string[]
  readonly #parts: readonly { input: Buffer; signature: Buffer }[]

  constructor(algorithm: 'RS256' | 'ES256', tokens: number) {
    const { privateKey } =
      algorithm === 'RS256' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ec', { namedCurve: 'P-256' })
    this.#algorithm = algorithm
    this.#publicKey = createPublicKey(privateKey)
    this.#tokens = Array.from({ length: tokens }, (_, at) => signed(privateKey, algorithm, at))
    this.#parts = this.#tokens.map((token) => {
      const dot = token.lastIndexOf('.')
      return { input: Buffer.from(token.slice(0, dot)), signature: Buffer.from(token.slice(dot + 1), 'base64url') }
    })
  }

  async round(concurrency: number): Promise<Round> {
    const key = { key: this.#publicKey, dsaEncoding: 'ieee-p1363' } as const
    const verifier = this.#verifier()
    // The first token has the verifier read the keys.
    await verifier.verify(this.#tokens[0] ?? '')
    const bare = await this.#cost(concurrency, async (at) => {
      const { input, signature } = this.#parts[at] ?? absent()
      require(verify('sha256', input, key, signature))
    })
    const threaded = await this.#cost(concurrency, async (at) => {
      const { input, signature } = this.#parts[at] ?? absent()
      require(await verifyThreaded('sha256', input, key, signature))
    })
    const whole = await this.#cost(concurrency, async (at) => {
      require((await verifier.verify(this.#tokens[at] ?? '')).subject !== '')
    })
    const again = await this.#cost(concurrency, async () => {
      require((await verifier.verify(this.#tokens.at(-1) ?? '')).subject !== '')
    })
    return { bare, threaded, whole, again }
  }

  async #cost(concurrency: number, once: (at: number) => Promise<void>): Promise<number> {
    let next = 1
    const job = async (): Promise<void> => {
      while (next < this.#tokens.length) await once(next++)
    }
    const started = process.cpuUsage()
    await Promise.all(Array.from({ length: concurrency }, job))
    const { user, system } = process.cpuUsage(started)
    return (user + system) / (this.#tokens.length - 1)
  }

  #verifier(): JwtVerifier {
    const issuer = {
      name: 'github',
      issuer: ISSUER,
      audiences: [AUDIENCE],
      algorithms: [this.#algorithm],
      keys: { jwks: { keys: [{ ...this.#publicKey.export({ format: 'jwk' }), kid: KEY_ID, alg: this.#algorithm, use: 'sig' }] } },
      clockSkewMs: 60_000,
      maxLifetimeMs: 3_600_000,
      replay: 'allowed',
    } as const
    return new JwtVerifier({
      issuers: { revision: () => Promise.resolve(1), all: () => Promise.resolve([issuer]) },
      fetcher: { fetchJson: absent },
      files: { read: absent },
      replay: { claimJti: absent },
      clock: systemClock,
      onFailure: ({ error }) => {
        throw error
      },
    })
  }
}

const ISSUER = 'https://token.actions.githubusercontent.com'
const AUDIENCE = 'https://gate.example.com'
const KEY_ID = '38826b17-6a30-5f9b-b169-8beb8202f723'

/** A token as GitHub Actions gives them, with all of its claims. */
function signed(privateKey: KeyObject, alg: string, at: number): string {
  const now = Math.floor(Date.now() / 1000)
  const claims = {
    actor: 'octocat',
    actor_id: '12345',
    aud: AUDIENCE,
    base_ref: '',
    check_run_id: String(at),
    environment: 'production',
    event_name: 'push',
    exp: now + 3000,
    head_ref: '',
    iat: now,
    iss: ISSUER,
    job_workflow_ref: 'acme/cart/.github/workflows/release.yml@refs/heads/main',
    job_workflow_sha: '6dcb09b5b57875f334f61aebed695e2e4193db5e',
    jti: `a4b1c2d3-0000-4000-8000-${String(at).padStart(12, '0')}`,
    nbf: now - 300,
    ref: 'refs/heads/main',
    ref_protected: 'true',
    ref_type: 'branch',
    repository: 'acme/cart',
    repository_id: '74',
    repository_owner: 'acme',
    repository_owner_id: '65',
    repository_visibility: 'private',
    run_attempt: '2',
    run_id: String(9_000_000 + at),
    run_number: '10',
    runner_environment: 'github-hosted',
    sha: '6dcb09b5b57875f334f61aebed695e2e4193db5e',
    sub: 'repo:acme/cart:environment:production',
    workflow: 'release',
    workflow_ref: 'acme/cart/.github/workflows/release.yml@refs/heads/main',
    workflow_sha: '6dcb09b5b57875f334f61aebed695e2e4193db5e',
  }
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const input = `${encode({ typ: 'JWT', alg, x5t: 'OIKxF2owX5uxaYvrggL3I_xqXxo', kid: KEY_ID })}.${encode(claims)}`
  return `${input}.${sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

function require(right: boolean): void {
  if (!right) throw new Error('a signature was taken for wrong')
}

function absent(): never {
  throw new Error('nothing of this is there')
}

await measureJwt()
