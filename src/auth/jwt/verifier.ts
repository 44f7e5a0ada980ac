import type { Clock } from '../../core/clock.ts'
import { checkClaims, type CheckedClaims } from './claims.ts'
import { parseCompactJws } from './compact-jws.ts'
import { JwtError } from './errors.ts'
import { HeaderReader, type JwtHeader } from './header.ts'
import { agesOf, KeyRing, type KeyAges } from './key-ring.ts'
import { candidates, type KeySet } from './key-set.ts'
import { loadKeys, type KeyReaders } from './load-keys.ts'
import type { JwtAlgorithm, JwtClaims, JwtIssuer, KeySource, VerifiedJwt } from './model.ts'
import type { JwtIssuers, ReplayGuard } from './ports.ts'
import type { PublicKey } from './public-key.ts'
import { digestOf, VerifiedTokens } from './verified-tokens.ts'

/** What a verifier works with. */
export interface JwtVerifierParts extends KeyReaders {
  issuers: JwtIssuers
  replay: ReplayGuard
  clock: Clock
  /** How long keys from a source count; as `agesOf` says unless given. */
  ages?: (keys: KeySource) => KeyAges | undefined
  /** Told why the keys of an issuer could not be read; its tokens are refused, or judged by the keys of before. */
  onFailure: (failure: { issuer: string; error: unknown }) => void
}

/** An issuer, with the keys that it signs with. */
interface Trusted {
  issuer: JwtIssuer
  ring: KeyRing
}

/** The issuers as they were at one revision, and what was verified by them. */
interface Snapshot {
  byIss: ReadonlyMap<string, Trusted>
  verified: VerifiedTokens
}

/** Verifies JWTs of configured issuers. */
export class JwtVerifier {
  readonly #parts: JwtVerifierParts
  readonly #headers = new HeaderReader()
  #revision = Number.NaN
  #snapshot: Promise<Snapshot> | undefined
  /** By where the keys come from, so that other changes of an issuer fetch nothing. */
  #rings = new Map<string, KeyRing>()

  constructor(parts: JwtVerifierParts) {
    this.#parts = parts
  }

  /**
   * Verifies a token of any of the configured issuers. Repeated calls with one token give the same object while it counts.
   * @param token attacker-controlled
   * @throws {JwtError} what is wrong with it, or that its issuer's keys can't be had
   */
  async verify(token: string): Promise<VerifiedJwt> {
    const { byIss, verified } = await this.#snapshotAt(await this.#parts.issuers.revision())
    const digest = digestOf(token)
    const known = verified.find(digest, this.#parts.clock.now())
    if (known) return known
    const { encodedHeader, claims } = parseCompactJws(token)
    const header = this.#headers.read(encodedHeader)
    const trusted = trustedIssuer(byIss, claims)
    const algorithm = algorithmOf(header, trusted.issuer)
    const key = await findKey(token, algorithm, header.keyId, trusted)
    const checked = checkClaims(claims, trusted.issuer, this.#parts.clock.now())
    if (checked.tokenId !== undefined) await this.#claimOnce(checked.tokenId, checked, trusted.issuer)
    const { subject, expiresAt, acceptedUntil } = checked
    const jwt: VerifiedJwt = { issuer: trusted.issuer, algorithm, keyId: header.keyId, subject, claims, expiresAt }
    if (checked.tokenId === undefined) verified.keep(digest, { jwt, key, ring: trusted.ring, acceptedUntil })
    return jwt
  }

  async #claimOnce(tokenId: string, { acceptedUntil }: CheckedClaims, { name, issuer }: JwtIssuer): Promise<void> {
    if (await this.#parts.replay.claimJti(issuer, tokenId, acceptedUntil)) return
    throw new JwtError('jwt_replayed', 'The token was used before, and counts only once.', { issuer: name })
  }

  /** The issuers at a revision; a change drops what was verified before it. */
  #snapshotAt(revision: number): Promise<Snapshot> {
    if (revision === this.#revision && this.#snapshot) return this.#snapshot
    const reading = this.#read()
    this.#revision = revision
    this.#snapshot = reading
    reading.catch(() => {
      if (this.#snapshot === reading) this.#snapshot = undefined
    })
    return reading
  }

  async #read(): Promise<Snapshot> {
    const issuers = await this.#parts.issuers.all()
    const rings = new Map<string, KeyRing>()
    const byIss = new Map<string, Trusted>()
    for (const issuer of issuers) {
      const source = JSON.stringify([issuer.name, issuer.issuer, issuer.keys, issuer.algorithms])
      const ring = this.#rings.get(source) ?? this.#ringOf(issuer)
      rings.set(source, ring)
      byIss.set(issuer.issuer, { issuer, ring })
    }
    this.#rings = rings
    return { byIss, verified: new VerifiedTokens() }
  }

  #ringOf(issuer: JwtIssuer): KeyRing {
    const { fetcher, files, clock, onFailure, ages = agesOf } = this.#parts
    return new KeyRing({
      issuer: issuer.name,
      load: (known) => loadKeys(issuer, { fetcher, files }, known),
      ages: ages(issuer.keys),
      clock,
      onFailure: (error) => onFailure({ issuer: issuer.name, error }),
    })
  }
}

/** The issuer that a token names, compared exactly, before any of its keys is touched. */
function trustedIssuer(byIss: ReadonlyMap<string, Trusted>, { iss }: JwtClaims): Trusted {
  if (typeof iss !== 'string') throw new JwtError('jwt_claim_malformed', 'The token’s iss is missing or no text.')
  const trusted = byIss.get(iss)
  if (trusted) return trusted
  throw new JwtError('jwt_issuer_unknown', 'The token’s issuer is not configured.', { claimed: iss })
}

/** The algorithm is the issuer's choice, never the token's. */
function algorithmOf({ algorithm }: JwtHeader, { name, algorithms }: JwtIssuer): JwtAlgorithm {
  const allowed = algorithms.find((one) => one === algorithm)
  if (allowed !== undefined) return allowed
  const what = 'The token is signed with an algorithm that is not configured for its issuer.'
  throw new JwtError('jwt_algorithm_refused', what, { issuer: name, claimed: algorithm })
}

/**
 * The key that signed a token. A kid with another signature ends the search; without a kid the issuer may have changed its only key.
 * @throws {JwtError} `jwt_signature_invalid`, `jwt_key_unknown` or `issuer_unreachable`
 */
async function findKey(token: string, algorithm: JwtAlgorithm, keyId: string | undefined, { issuer, ring }: Trusted): Promise<PublicKey> {
  const search = ring.search()
  let tried = false
  for (let set: KeySet | undefined = await search.first(); set; set = await search.next()) {
    const keys = candidates(set, algorithm, keyId)
    for (const key of keys) if (await key.checks.get(algorithm)?.(token)) return key
    tried = keys.length > 0
    if (tried && keyId !== undefined) break
  }
  if (tried) throw new JwtError('jwt_signature_invalid', 'The token’s signature is wrong.', { issuer: issuer.name })
  const what = keyId === undefined ? 'The token names no key, and not exactly one fits.' : 'The issuer has no such key for this algorithm.'
  throw new JwtError('jwt_key_unknown', what, { issuer: issuer.name, claimed: keyId })
}
