import { hash } from 'node:crypto'

import { isAppError, type AppError } from '../../core/app-error.ts'
import type { Clock } from '../../core/clock.ts'
import { formatInstant } from '../../core/time.ts'
import type { JwtVerifier } from '../jwt/verifier.ts'
import type { TokenStore } from '../ports.ts'
import type { LoginAttempt, LoginDamper } from '../login-damper.ts'
import type { Refusals } from '../refusals.ts'
import { hashToken, MAX_TOKEN_LENGTH } from '../token.ts'
import { authorizationUrl } from './authorization-request.ts'
import { codeOf, matchState, type CallbackAnswer } from './callback.ts'
import { readPersonClaims } from './claims.ts'
import { exchangeCode } from './code-exchange.ts'
import { entitle, mappedGroups, rightsOfGroups } from './entitlement.ts'
import { isGenuine, providerFailed, refusalOf } from './errors.ts'
import { LOGIN_WITHIN_MS, newLoginState, openState, sealState, type LoginState } from './login-state.ts'
import { personNames } from './person-name.ts'
import type { LoginProvider, LoginProviders, LoginStore, ProviderClient, SecretFiles } from './ports.ts'
import { MetadataCache, type ProviderMetadata } from './provider-metadata.ts'
import { verifiedClaims, type ProvenClaims } from './proven-claims.ts'
import { lifetimeSeconds, newSession } from './session.ts'

export interface LoginsParts {
  providers: LoginProviders
  store: Pick<LoginStore, 'stateKey' | 'logIn'>
  tokens: Pick<TokenStore, 'findByHash' | 'revoke'>
  client: ProviderClient
  files: SecretFiles
  /** Verifies ID tokens: its issuers are those of `idTokenIssuers`. */
  verifier: Pick<JwtVerifier, 'verify'>
  clock: Clock
  damper: LoginDamper
  refusals: Pick<Refusals, 'login'>
}

/** Where a login shall lead. */
export interface LoginWish {
  /** Own address to go to afterwards; checked. */
  returnTo: string
  redirectUri: string
  group: string | null
}

/** Where a callback comes from. */
export interface CallbackMeta {
  address: string
  requestId: string
}

/** A session that was opened. */
export interface OpenedSession {
  /** A secret. */
  text: string
  /** How long it lasts at most, in seconds. */
  seconds: number
  returnTo: string
}

/** Logs people in at OpenID providers: authorisation code with PKCE (OpenID Connect Core 1.0, section 3.1; RFC 7636; RFC 9700). */
export class Logins {
  readonly #parts: LoginsParts
  readonly #metadata: MetadataCache

  constructor(parts: LoginsParts) {
    this.#parts = parts
    this.#metadata = new MetadataCache(parts.client, parts.clock)
  }

  /** Names of the issuers at which people can log in. */
  async providers(): Promise<string[]> {
    return (await this.#parts.providers.all()).map(({ name }) => name).sort()
  }

  /**
   * Begins a login.
   * @returns where to send the browser, and what it has to keep meanwhile; undefined if there is no such provider
   * @throws {AppError} `login_provider_failed`
   */
  async begin(name: string, wish: LoginWish): Promise<{ location: string; sealed: string; seconds: number } | undefined> {
    const provider = await this.#provider(name)
    if (!provider) return undefined
    const metadata = await this.#metadataOf(provider)
    const state = newLoginState({ provider: name, issuer: provider.issuer, ...wish }, this.#parts.clock.now())
    const sealed = sealState(state, await this.#parts.store.stateKey())
    return { location: authorizationUrl(metadata, provider, state), sealed, seconds: LOGIN_WITHIN_MS / 1000 }
  }

  /**
   * Ends a login with a session.
   * @param name of the provider whose callback address was used
   * @param sealed what the browser kept
   * @returns undefined if there is no such provider
   * @throws {AppError} a `LoginErrorCode`, `identity_taken`, or `too_many_failed_logins`
   */
  async complete(name: string, answer: CallbackAnswer, sealed: string | undefined, meta: CallbackMeta): Promise<OpenedSession | undefined> {
    const provider = await this.#provider(name)
    if (!provider) return undefined
    const attempt = { address: meta.address, credential: hash('sha256', JSON.stringify([name, answer]), 'hex') }
    try {
      this.#parts.damper.admit(attempt, this.#parts.clock.now())
      const state = matchState(name, answer, sealed === undefined ? undefined : await this.#open(sealed, provider))
      const proven = await this.#prove(answer, state, provider)
      return await this.#openSession(proven, state, provider, meta)
    } catch (error) {
      if (isAppError(error)) this.#noteRefusal(error, name, attempt)
      throw error
    }
  }

  /** Ends a session; one that is unknown, past or ended already stays so. @param text attacker-controlled */
  async logOut(text: string, requestId: string): Promise<void> {
    const { tokens, clock } = this.#parts
    const found = text.length <= MAX_TOKEN_LENGTH ? await tokens.findByHash(hashToken(text)) : undefined
    if (found?.token.kind !== 'session' || found.token.revokedAt !== null) return
    const cause = { actor: found.principal.id, at: formatInstant(clock.now()), requestId }
    // What the person made for itself meanwhile is meant to outlast the session.
    await tokens.revoke(found.token.id, cause, false)
  }

  /** Turns the answer of the provider into claims about a person. */
  async #prove(answer: CallbackAnswer, state: LoginState, provider: LoginProvider): Promise<ProvenClaims> {
    const metadata = await this.#metadataOf(provider)
    const code = codeOf(answer, provider, metadata)
    const tokens = await exchangeCode(code, state, metadata, provider, this.#parts)
    return verifiedClaims({ provider, metadata, code, nonce: state.nonce, ...tokens }, this.#parts)
  }

  async #openSession(proven: ProvenClaims, state: LoginState, provider: LoginProvider, meta: CallbackMeta): Promise<OpenedSession> {
    const { name, issuer, login } = provider
    const person = readPersonClaims(proven.claims, proven.subject, login)
    const groups = mappedGroups(person.groups, login)
    const rights = entitle(groups, login, state.group)
    const now = this.#parts.clock.now()
    const { text, session } = newSession(provider, rights, now)
    const at = formatInstant(now)
    await this.#parts.store.logIn({
      standing: { provider: name, issuer, subject: proven.subject, groups, rights: rightsOfGroups(groups, login), at },
      email: person.email,
      linkByEmail: login.linkByEmail,
      names: personNames(name, person.name, proven.subject),
      session,
      state: { key: hash('sha256', state.state, 'hex'), expiresAt: state.expiresAt },
      ...meta,
    })
    return { text, seconds: lifetimeSeconds(provider), returnTo: state.returnTo }
  }

  /** What the browser kept, unless the provider has become another since. */
  async #open(sealed: string, { issuer }: LoginProvider): Promise<LoginState | undefined> {
    const state = openState(sealed, await this.#parts.store.stateKey(), this.#parts.clock.now())
    return state?.issuer === issuer ? state : undefined
  }

  async #provider(name: string): Promise<LoginProvider | undefined> {
    return (await this.#parts.providers.all()).find((provider) => provider.name === name)
  }

  async #metadataOf(provider: LoginProvider): Promise<ProviderMetadata> {
    try {
      return await this.#metadata.of(provider)
    } catch (cause) {
      throw providerFailed(`The provider "${provider.name}" can’t be asked at the moment.`, cause)
    }
  }

  /** That a provider fails says nothing against who asks. */
  #noteRefusal({ code }: AppError, issuer: string, attempt: LoginAttempt): void {
    const { damper, refusals, clock } = this.#parts
    const reason = refusalOf(code)
    if (reason) damper.failed(attempt, clock.now(), isGenuine(reason))
    if (reason ?? code === 'too_many_failed_logins')
      refusals.login({ reason: reason ?? 'too_many_failed_logins', address: attempt.address, issuer })
  }
}
