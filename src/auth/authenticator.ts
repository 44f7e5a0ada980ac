import { timingSafeEqual } from 'node:crypto'

import { AppError, isAppError } from '../core/app-error.ts'
import type { Clock } from '../core/clock.ts'
import type { Access, Principal } from '../core/principal.ts'
import { parseInstant } from '../core/time.ts'
import { scopesOf } from './authorize.ts'
import type { CertificateLogin } from './certificates/certificate-login.ts'
import type { PresentedCertificate } from './certificates/verify-chain.ts'
import type { AuthErrorCode } from './errors.ts'
import { looksLikeJwt } from './jwt/compact-jws.ts'
import { JwtError } from './jwt/errors.ts'
import { LastUses } from './last-uses.ts'
import { SESSION_IDLE_MS } from './login/session.ts'
import type { Basis, Standings } from './login/standings.ts'
import type { LoginAttempt, LoginDamper } from './login-damper.ts'
import type { TokenRecord, TokenStore } from './ports.ts'
import type { RefusedLogin, Refusals, TokenRefusal } from './refusals.ts'
import { endOf } from './token-state.ts'
import { hashToken, isDamaged, MAX_TOKEN_LENGTH } from './token.ts'
import { WorkloadError } from './workload/errors.ts'

/** Tells who the holder of a JWT is, and what they may do. */
export interface JwtLogin {
  /** @throws {AppError} a `JwtErrorCode`, or a `WorkloadErrorCode` if nobody gave such a token any rights */
  login(jwt: string): Promise<Access>
}

/** What an authenticator works with. */
export interface AuthenticatorParts {
  /** Without it JWTs are tokens that nobody knows. */
  jwtLogin?: JwtLogin
  /** Without it nobody comes in by a certificate. */
  certificateLogin?: Pick<CertificateLogin, 'idOf' | 'login'>
  store: Pick<TokenStore, 'revision' | 'findByHash' | 'givenHashes' | 'touch'>
  damper: LoginDamper
  refusals: Pick<Refusals, 'login'>
  clock: Clock
  /** What sessions and personal tokens rest on. Without it none of them is good for anything. */
  standings?: Pick<Standings, 'basisOf'>
  /** Told of what could not be written in the background; it is tried again. */
  onFailure: (error: unknown) => void
}

interface KnownToken {
  hash: Buffer
  token: TokenRecord
  access: Access
  /** Of sessions and personal tokens. */
  basis: Basis | undefined
  /** The last use that is known here; milliseconds since the epoch. */
  usedAt: number
}

const FLUSH_MS = 60_000
const MAX_CACHED = 10_000

/** Tells who asks. Last uses are written in the background, once a minute and at the end. */
export class Authenticator implements AsyncDisposable {
  readonly #parts: AuthenticatorParts
  readonly #lastUses: LastUses
  readonly #timer: NodeJS.Timeout
  #cache = new Map<string, KnownToken>()
  #given: ReadonlySet<string> | undefined
  #cacheRevision = Number.NaN

  constructor(parts: AuthenticatorParts) {
    this.#parts = parts
    this.#lastUses = new LastUses(parts.store)
    this.#timer = setInterval(() => void this.flush(), FLUSH_MS).unref()
  }

  /**
   * The principal and the rights of a token.
   * @param bearer the token's text, attacker-controlled; undefined if none was sent
   * @param address the client's network address
   * @throws {AppError} `unauthenticated`, saying why, `token_damaged` or `too_many_failed_logins`; for a JWT what `JwtLogin` throws
   */
  authenticate(bearer: string | undefined, address: string): Promise<Access> {
    return bearer === undefined ? Promise.reject(missing()) : this.#authenticate(bearer, address, false)
  }

  /**
   * The same for a session, whose text is good in its cookie alone.
   * @param text attacker-controlled
   * @throws {AppError} `unauthenticated`, saying why, or `too_many_failed_logins`
   */
  authenticateSession(text: string, address: string): Promise<Access> {
    return this.#authenticate(text, address, true)
  }

  /**
   * The same for a client that sent neither, by the certificate that it showed when it connected.
   * @throws {AppError} `certificate_refused`, a `WorkloadErrorCode`, or `too_many_failed_logins`
   */
  async authenticateCertificate(presented: PresentedCertificate, address: string): Promise<Access> {
    const { certificateLogin } = this.#parts
    if (!certificateLogin) throw missing()
    const attempt = { address, credential: certificateLogin.idOf(presented) }
    this.#admit(attempt)
    return this.#noting(attempt, () => certificateLogin.login(presented))
  }

  async #authenticate(text: string, address: string, session: boolean): Promise<Access> {
    const attempt = { address, credential: hashToken(text) }
    const cached = this.#cache.has(attempt.credential)
    if (!cached) this.#admit(attempt)
    const { jwtLogin } = this.#parts
    if (!session && jwtLogin && looksLikeJwt(text)) return this.#noting(attempt, () => jwtLogin.login(text))
    const found = text.length <= MAX_TOKEN_LENGTH ? await this.#find(text, attempt.credential) : undefined
    const known = found && (found.token.kind === 'session') === session ? found : undefined
    const now = this.#parts.clock.now()
    let reason = known ? refusalOf(known, now) : !session && isDamaged(text) ? 'token_damaged' : 'token_unknown'
    if (known && session && !reason && now - known.usedAt > SESSION_IDLE_MS) reason = await this.#idleSince(known, now)
    if (known && !reason) {
      known.usedAt = now
      this.#lastUses.note(known.token.id, now)
      if (!cached) this.#parts.damper.succeeded(attempt.credential)
      return known.access
    }
    this.#parts.damper.failed(attempt, now, known !== undefined)
    this.#parts.refusals.login({ reason: reason ?? 'token_unknown', address, tokenId: known?.token.id })
    throw refused(reason ?? 'token_unknown', session)
  }

  /** Another replica may have seen the session since: what is written about once a minute tells. */
  async #idleSince(known: KnownToken, now: number): Promise<TokenRefusal | undefined> {
    const found = await this.#parts.store.findByHash(known.token.hash)
    if (found) known.usedAt = Math.max(known.usedAt, lastUseOf(found.token))
    return now - known.usedAt > SESSION_IDLE_MS ? 'session_idle' : undefined
  }

  /** Writes what was collected in the background. Never rejects. */
  async flush(): Promise<void> {
    await this.#lastUses.flush().catch(this.#parts.onFailure)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await this.flush()
  }

  /** Carries out a login, and notes how it came out. */
  async #noting(attempt: LoginAttempt, login: () => Promise<Access>): Promise<Access> {
    const { damper, refusals, clock } = this.#parts
    try {
      const access = await login()
      damper.succeeded(attempt.credential)
      return access
    } catch (error) {
      const refusal = refusedLogin(error)
      if (refusal) {
        if (!(error instanceof WorkloadError)) damper.failed(attempt, clock.now(), GENUINE.has(refusal.reason))
        refusals.login({ ...refusal, address: attempt.address })
      }
      throw error
    }
  }

  /** @param hash of the text */
  async #find(text: string, hash: string): Promise<KnownToken | undefined> {
    const revision = await this.#parts.store.revision()
    if (revision !== this.#cacheRevision || this.#cache.size >= MAX_CACHED) {
      this.#cache = new Map()
      this.#given = undefined
      this.#cacheRevision = revision
    }
    const known = this.#cache.get(hash) ?? (await this.#read(text, hash, revision))
    // The store's index compares hashes as it likes; what counts is this comparison, in constant time.
    return known && timingSafeEqual(known.hash, Buffer.from(hash, 'hex')) ? known : undefined
  }

  async #read(text: string, hash: string, revision: number): Promise<KnownToken | undefined> {
    // Only a token that the operator gave can look damaged and be good: nobody's mistakes cost a lookup.
    if (isDamaged(text) && !(await this.#givenHashes(revision)).has(hash)) return undefined
    const found = await this.#parts.store.findByHash(hash)
    if (!found) return undefined
    const known = knownToken(found, found.token.kind === 'token' ? undefined : await this.#basisOf(found))
    // A change may have come while the store was asked: what was read before it must not outlive it.
    if (revision === this.#cacheRevision) this.#cache.set(hash, known)
    return known
  }

  async #basisOf({ token, principal }: FoundToken): Promise<Basis> {
    return (await this.#parts.standings?.basisOf(token, principal)) ?? { rights: undefined, until: 0 }
  }

  /** @throws {AppError} `too_many_failed_logins` before anything is looked up */
  #admit(attempt: LoginAttempt): void {
    try {
      this.#parts.damper.admit(attempt, this.#parts.clock.now())
    } catch (error) {
      this.#parts.refusals.login({ reason: 'too_many_failed_logins', address: attempt.address })
      throw error
    }
  }

  async #givenHashes(revision: number): Promise<ReadonlySet<string>> {
    if (this.#given) return this.#given
    const given = new Set(await this.#parts.store.givenHashes())
    if (revision === this.#cacheRevision) this.#given = given
    return given
  }
}

interface FoundToken {
  token: TokenRecord
  principal: Principal
}

function knownToken({ token, principal }: FoundToken, basis: Basis | undefined): KnownToken {
  return {
    hash: Buffer.from(token.hash, 'hex'),
    token,
    access: {
      principal,
      credential: { kind: token.kind === 'session' ? 'session' : 'token', id: token.id },
      issuerIds: token.issuerIds,
      // What was issued to a workload stays a workload's, whatever became of the principal since.
      person: principal.kind === 'human' ? token.person : null,
      identity: null,
      ...(basis?.rights ?? { scopes: scopesOf(token), confinement: token.confinement }),
      expiresAt: endOf(token),
    },
    basis,
    usedAt: lastUseOf(token),
  }
}

function lastUseOf({ lastUsedAt, createdAt }: TokenRecord): number {
  return parseInstant(lastUsedAt ?? createdAt) ?? 0
}

function refusalOf({ token, access, basis }: KnownToken, now: number): TokenRefusal | undefined {
  if (token.revokedAt !== null) return 'token_revoked'
  if (access.principal.disabled) return 'principal_disabled'
  if (access.expiresAt !== null && access.expiresAt <= now) return token.supersededBy === null ? 'token_expired' : 'token_superseded'
  if (!basis) return undefined
  if (!basis.rights) return 'rights_withdrawn'
  return basis.until <= now ? 'login_outdated' : undefined
}

/** What is found only after the signature was: such a token is no guess. */
const GENUINE: ReadonlySet<RefusedLogin['reason']> = new Set([
  'jwt_audience_wrong',
  'jwt_expired',
  'jwt_not_yet_valid',
  'jwt_lifetime_too_long',
  'jwt_replayed',
])

/** That an issuer can't be reached says nothing against who asks. */
function refusedLogin(error: unknown): Pick<RefusedLogin, 'reason' | 'issuer' | 'claimed'> | undefined {
  if (isAppError(error) && error.code === 'certificate_refused') return { reason: error.code }
  if (!(error instanceof JwtError || error instanceof WorkloadError) || error.code === 'issuer_unreachable') return undefined
  return { reason: error.code, issuer: error.issuer, claimed: error.claimed }
}

const SENTENCES: Readonly<Record<TokenRefusal, string>> = {
  token_unknown: 'The token is not known.',
  token_damaged: 'The token is damaged: its checksum is wrong.',
  token_expired: 'The token has expired.',
  token_superseded: 'The token was replaced by a new one.',
  token_revoked: 'The token was revoked.',
  principal_disabled: 'The principal of the token is disabled.',
  session_idle: 'The session was not used for an hour.',
  rights_withdrawn: 'The groups of its owner allow nothing of it any more.',
  login_outdated: 'Its owner has not logged in for too long.',
}

function missing(): AppError<AuthErrorCode> {
  return new AppError('unauthenticated', 'No token was sent.', {
    field: 'header.Authorization',
    remedy: 'Send the header "Authorization: Bearer TOKEN".',
  })
}

function refused(reason: TokenRefusal, session: boolean): AppError<AuthErrorCode> {
  if (reason === 'token_damaged') {
    return new AppError('token_damaged', SENTENCES[reason], {
      field: 'header.Authorization',
      remedy: 'Send it whole, as it was shown: "ptc_" and 49 letters and digits. See whether it was cut off, or typed by hand.',
    })
  }
  const login = session || reason === 'rights_withdrawn' || reason === 'login_outdated'
  return new AppError('unauthenticated', session ? SENTENCES[reason].replace('token', 'session') : SENTENCES[reason], {
    field: session ? 'header.Cookie' : 'header.Authorization',
    remedy: login ? 'Log in again: /auth/login.' : 'Ask whoever has tokens:manage for a new token.',
  })
}
