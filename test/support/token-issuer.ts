import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose'

/** What tokens in tests are made for. */
export const AUDIENCE = 'https://gate.example.com'

/** Signs tokens as the issuer of a CI system does. */
export class TokenIssuer {
  readonly issuer: string
  /** What it publishes. */
  readonly jwks: { keys: JWK[] }
  readonly #sign: (claims: Readonly<Record<string, unknown>>) => Promise<string>

  private constructor(issuer: string, jwks: { keys: JWK[] }, sign: (claims: Readonly<Record<string, unknown>>) => Promise<string>) {
    this.issuer = issuer
    this.jwks = jwks
    this.#sign = sign
  }

  static async create(issuer: string, alg = 'RS256'): Promise<TokenIssuer> {
    const { publicKey, privateKey } = await generateKeyPair(alg)
    const kid = 'key-1'
    const jwk = { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' }
    return new TokenIssuer(issuer, { keys: [jwk] }, (claims) =>
      new SignJWT(claims).setProtectedHeader({ alg, kid, typ: 'JWT' }).sign(privateKey),
    )
  }

  /** A token of five minutes; claims that are undefined are left out. */
  token(claims: Readonly<Record<string, unknown>>): Promise<string> {
    const now = Math.floor(Date.now() / 1000)
    return this.#sign({ iss: this.issuer, aud: AUDIENCE, iat: now, nbf: now, exp: now + 300, ...claims })
  }
}

/** An issuer that publishes its configuration and keys on this machine. */
export async function listeningIssuer(): Promise<TokenIssuer & AsyncDisposable> {
  let issuer: TokenIssuer | undefined
  const server = createServer((request, response) => {
    const documents: Record<string, unknown> = {
      '/.well-known/openid-configuration': { issuer: issuer?.issuer, jwks_uri: `${issuer?.issuer}/keys` },
      '/keys': issuer?.jwks,
    }
    const document = documents[request.url ?? '']
    response.writeHead(document === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(document ?? {}))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  issuer = await TokenIssuer.create(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  return Object.assign(issuer, {
    [Symbol.asyncDispose]: async (): Promise<void> => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}
