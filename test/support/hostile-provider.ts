import { hash, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose'

export type Claims = Record<string, unknown>

/** What the provider does otherwise than it should. */
export interface Misbehaviour {
  /** Claims of the ID token over those that are right; undefined leaves one out. */
  claims?: Claims
  /** Makes an ID token of the claims that would be right, in the place of a signed one. */
  forge?: (claims: Claims) => string | Promise<string>
  /** Fields of the token answer over those that are right. */
  answer?: Claims
  /** Fields of the discovery document over those that are right. */
  discovery?: Claims
  userinfo?: Claims
  /** Statuses other than 200. */
  status?: { discovery?: number; token?: number; userinfo?: number }
  /** Lets a code be exchanged again, and without its verifier. */
  careless?: boolean
}

interface Grant {
  nonce: string | null
  challenge: string | null
  clientId: string
  redirectUri: string
  claims: Claims
  used: boolean
}

/**
 * An OpenID provider of the tests' own, not a real one: it does whatever it is told, right or wrong. It runs in the test's process; for how
 * real providers behave see the tests with `oidc-provider`.
 */
export class HostileProvider implements AsyncDisposable {
  readonly #server = createServer((request, response) => void this.#serve(request, response))
  readonly #grants = new Map<string, Grant>()
  #keys: { privateKey: CryptoKey; jwk: JWK } | undefined
  misbehaviour: Misbehaviour = {}
  /** Paths that were asked for, newest last. */
  readonly asked: string[] = []
  /** Forms that the token endpoint got, newest last. */
  readonly forms: { authorization: string | undefined; form: Record<string, string> }[] = []

  async start(): Promise<this> {
    const { privateKey, publicKey } = await generateKeyPair('RS256')
    this.#keys = { privateKey, jwk: { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' } }
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#server.listen(0, '127.0.0.1', resolve)
    await promise
    return this
  }

  get issuer(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /**
   * Lets somebody log in and come back.
   * @param location where the service sent the browser
   * @returns where the provider sends it, with `code`, `state` and `iss`
   */
  logIn(location: string, claims: Claims): URL {
    const { searchParams } = new URL(location)
    const code = randomUUID()
    const redirectUri = searchParams.get('redirect_uri') ?? ''
    this.#grants.set(code, {
      nonce: searchParams.get('nonce'),
      challenge: searchParams.get('code_challenge'),
      clientId: searchParams.get('client_id') ?? '',
      redirectUri,
      claims,
      used: false,
    })
    const back = new URL(redirectUri)
    const answer = { code, state: searchParams.get('state') ?? '', iss: this.issuer, session_state: 'x.y' }
    for (const [name, value] of Object.entries(answer)) back.searchParams.set(name, value)
    return back
  }

  async sign(
    claims: Claims,
    header: { alg: string; kid?: string } = { alg: 'RS256', kid: 'k1' },
    key = this.#keys?.privateKey,
  ): Promise<string> {
    if (!key) throw new Error('the provider was not started')
    return new SignJWT(claims).setProtectedHeader(header).sign(key)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#server.close(() => resolve())
    await promise
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? ''
    this.asked.push(path)
    const { status = {}, discovery, userinfo } = this.misbehaviour
    const answers: Record<string, () => [number, unknown] | Promise<[number, unknown]>> = {
      '/.well-known/openid-configuration': () => [status.discovery ?? 200, { ...this.#discovery(), ...discovery }],
      '/jwks': () => [200, { keys: [this.#keys?.jwk] }],
      '/token': async () => this.#exchange(request),
      '/userinfo': () => [status.userinfo ?? 200, userinfo ?? {}],
    }
    const [code, body] = (await answers[path]?.()) ?? [404, {}]
    response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }

  #discovery(): Claims {
    const { issuer } = this
    return {
      issuer,
      authorization_endpoint: `${issuer}/authorize?tenant=1`,
      token_endpoint: `${issuer}/token`,
      userinfo_endpoint: `${issuer}/userinfo`,
      jwks_uri: `${issuer}/jwks`,
      authorization_response_iss_parameter_supported: true,
    }
  }

  async #exchange(request: IncomingMessage): Promise<[number, unknown]> {
    const form = Object.fromEntries(new URLSearchParams(await text(request)))
    this.forms.push({ authorization: request.headers.authorization, form })
    const { claims, forge, answer, status, careless = false } = this.misbehaviour
    const grant = this.#grants.get(form['code'] ?? '')
    const proven = grant?.challenge === hash('sha256', form['code_verifier'] ?? '', 'base64url')
    const fits = grant && (careless || (!grant.used && proven && form['redirect_uri'] === grant.redirectUri))
    if (!fits) return [400, { error: 'invalid_grant' }]
    grant.used = true
    const now = Math.floor(Date.now() / 1000)
    const right = { iss: this.issuer, aud: grant.clientId, nonce: grant.nonce, iat: now, exp: now + 300, ...grant.claims, ...claims }
    const idToken = forge ? await forge(right) : await this.sign(right)
    return [status?.token ?? 200, { token_type: 'Bearer', access_token: 'an-access-token', id_token: idToken, ...answer }]
  }
}
