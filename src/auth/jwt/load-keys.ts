import { parseBoundedJson } from '../../core/bounded-json.ts'
import { outboundUrlFault } from '../../core/outbound-url.ts'
import { readKeySet, type KeySet } from './key-set.ts'
import type { JwtIssuer } from './model.ts'
import type { IssuerFiles, JsonFetcher } from './ports.ts'

/** Where keys are read from. */
export interface KeyReaders {
  fetcher: JsonFetcher
  files: IssuerFiles
}

/** What of an issuer tells which keys it has. */
export type KeyedIssuer = Pick<JwtIssuer, 'issuer' | 'keys' | 'algorithms'>

/**
 * Reads the keys of an issuer from where its configuration says.
 * @param known the set that was read before
 * @throws {Error} why they can't be had; to be logged
 */
export async function loadKeys(issuer: KeyedIssuer, readers: KeyReaders, known?: KeySet): Promise<KeySet> {
  return readKeySet(await publishedKeys(issuer, readers), issuer.algorithms, known)
}

async function publishedKeys({ issuer, keys }: KeyedIssuer, { fetcher, files }: KeyReaders): Promise<unknown> {
  if ('jwks' in keys) return keys.jwks
  if ('jwksFile' in keys) return parseBoundedJson(await files.read(keys.jwksFile))
  if ('jwksUri' in keys) return fetcher.fetchJson(keys.jwksUri)
  return fetcher.fetchJson(await discoverJwksUri(issuer, keys.discovery.jwksOrigins ?? [], fetcher))
}

/**
 * Asks the issuer where its keys are (OpenID Connect Discovery 1.0, section 4). Who answers must name itself the issuer, and may point
 * to its own origin or to a configured one only.
 * @throws {Error} saying what was wrong with the answer
 */
async function discoverJwksUri(issuer: string, jwksOrigins: readonly string[], fetcher: JsonFetcher): Promise<string> {
  const document = await fetcher.fetchJson(discoveryUrl(issuer))
  if (typeof document !== 'object' || document === null) throw new Error('its configuration is no object')
  const { issuer: named, jwks_uri: jwksUri } = document as Readonly<Record<string, unknown>>
  if (named !== issuer) throw new Error('its configuration names another issuer')
  if (typeof jwksUri !== 'string') throw new Error('its configuration has no jwks_uri')
  const fault = outboundUrlFault(jwksUri)
  if (fault !== undefined) throw new Error(`its jwks_uri ${fault}`)
  if (![originOf(issuer), ...jwksOrigins].includes(originOf(jwksUri)))
    throw new Error('its jwks_uri is on another origin, which is not configured')
  return jwksUri
}

/** The path is added to that of the issuer (OpenID Connect Discovery 1.0, section 4.1). */
export function discoveryUrl(issuer: string): string {
  return `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
}

function originOf(url: string): string {
  return new URL(url).origin
}
