import { setTimeout } from 'node:timers/promises'

import { agesOf } from '../../../../src/auth/jwt/key-ring.ts'
import type { JwtIssuer } from '../../../../src/auth/jwt/model.ts'
import type { IssuerFiles, JsonFetcher, JwtIssuers, ReplayGuard } from '../../../../src/auth/jwt/ports.ts'
import { JwtVerifier } from '../../../../src/auth/jwt/verifier.ts'
import { TestClock } from '../memory-tokens.ts'
import type { SigningKey } from './tokens.ts'

export const ISSUER = 'https://ci.example.com'
export const AUDIENCE = 'https://gate.example.com'

export function issuerOf(keys: JwtIssuer['keys'], changes: Partial<JwtIssuer> = {}): JwtIssuer {
  return {
    name: 'ci',
    issuer: ISSUER,
    audiences: [AUDIENCE],
    algorithms: ['RS256'],
    keys,
    clockSkewMs: 60_000,
    maxLifetimeMs: 3_600_000,
    replay: 'allowed',
    ...changes,
  }
}

export function jwks(...keys: readonly SigningKey[]): { keys: object[] } {
  return { keys: keys.map(({ jwk }) => jwk) }
}

/** Issuers, their documents and used tokens in memory. */
export class TestWorld implements JwtIssuers, JsonFetcher, IssuerFiles, ReplayGuard {
  readonly clock = new TestClock()
  readonly failures: { issuer: string; error: unknown }[] = []
  /** What is answered at which address; an error is thrown. */
  readonly documents = new Map<string, unknown>()
  readonly files = new Map<string, string>()
  readonly fetched: string[] = []
  readonly used = new Set<string>()
  issuers: JwtIssuer[] = []
  /** Milliseconds that an answer takes. */
  latencyMs = 0
  #revision = 1

  readonly verifier = new JwtVerifier({
    issuers: this,
    fetcher: this,
    files: this,
    replay: this,
    clock: this.clock,
    // A rest that tests can wait for.
    ages: (keys) => {
      const ages = agesOf(keys)
      return ages && { ...ages, floorMs: 100 }
    },
    onFailure: (failure) => this.failures.push(failure),
  })

  configure(...issuers: JwtIssuer[]): void {
    this.issuers = issuers
    this.#revision++
  }

  /** Claims of a good token, as of now. */
  claims(changes: Record<string, unknown> = {}): Record<string, unknown> {
    const now = Math.floor(this.clock.now() / 1000)
    return { iss: ISSUER, aud: AUDIENCE, sub: 'repo:acme/cart', iat: now, nbf: now, exp: now + 300, jti: 'one', ...changes }
  }

  async revision(): Promise<number> {
    return this.#revision
  }

  async all(): Promise<readonly JwtIssuer[]> {
    return this.issuers
  }

  async fetchJson(url: string): Promise<unknown> {
    this.fetched.push(url)
    const document = this.documents.has(url) ? this.documents.get(url) : new Error('404')
    if (this.latencyMs > 0) await setTimeout(this.latencyMs)
    if (document instanceof Error) throw document
    return document
  }

  async read(name: string): Promise<string> {
    const text = this.files.get(name)
    if (text === undefined) throw new Error('no such file')
    return text
  }

  async claimJti(issuer: string, tokenId: string, until: number): Promise<boolean> {
    const key = JSON.stringify([issuer, tokenId, until])
    const fresh = !this.used.has(key)
    this.used.add(key)
    return fresh
  }
}
