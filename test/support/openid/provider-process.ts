import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

import { Provider } from 'oidc-provider'

import { WORKLOAD_SECRET, type ProviderEvent, type ProviderOptions, type ProviderOrder } from './protocol.ts'

/** A real OpenID provider in a process of its own: `oidc-provider`, certified by the OpenID Foundation. */
const {
  workloads = {},
  clients = [],
  accounts = {},
  algorithm = 'RS256',
  lifetime = 300,
} = JSON.parse(process.argv[2] ?? '{}') as ProviderOptions

const tell = (event: ProviderEvent): void => void process.send?.(event)

function newKey(): object {
  const { privateKey } =
    algorithm === 'RS256' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg: algorithm }
}

const configuration = {
  clients: [
    ...Object.keys(workloads).map((id) => ({
      client_id: id,
      client_secret: WORKLOAD_SECRET,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    })),
    ...clients,
  ],
  clientDefaults: { id_token_signed_response_alg: algorithm },
  enabledJWA: { idTokenSigningAlgValues: [algorithm] },
  cookies: { keys: ['a key that only tests know'] },
  claims: { openid: ['sub', 'groups', 'preferred_username'], email: ['email', 'email_verified'], profile: ['name'] },
  // Claims stand in the ID token, as most providers have it.
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  findAccount: (_: unknown, id: string) =>
    Object.hasOwn(accounts, id) ? { accountId: id, claims: () => ({ sub: id, ...accounts[id] }) } : undefined,
  extraTokenClaims: (_: unknown, token: { clientId: string }) => workloads[token.clientId],
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_: unknown, resource: string) => ({
        scope: '',
        audience: resource,
        accessTokenFormat: 'jwt',
        accessTokenTTL: lifetime,
        jwt: { sign: { alg: algorithm } },
      }),
    },
  },
}

const server = createServer((request, response) => serve(request, response))
server.listen(0, '127.0.0.1', () => {
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  renew()
  tell({ issuer })
})

/** The first one signs. */
let keys = [newKey()]
let issuer = ''
let serve: RequestListener = (_, response) => response.writeHead(503).end()

/** The provider reads its keys once, so other keys take another provider. */
function renew(): void {
  serve = new Provider(issuer, { ...configuration, jwks: { keys } }).callback()
}

process.on('message', ({ id, order }: ProviderOrder) => {
  keys = order === 'rotate' ? [newKey(), ...keys] : keys.slice(0, 1)
  renew()
  tell({ done: id })
})
process.on('disconnect', () => process.exit())
