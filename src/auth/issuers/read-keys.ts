import { outboundUrlFault } from '../../core/outbound-url.ts'
import { isPlainFileName } from '../../core/plain-file-name.ts'
import type { JwtAlgorithm, KeySource } from '../jwt/model.ts'
import { MAX_KEYS } from '../jwt/key-set.ts'
import { readPublicKey } from '../jwt/public-key.ts'
import { issuerInvalid } from './errors.ts'

/** Where keys come from, as an administrator writes it: one of these. */
export interface KeysDraft {
  discovery?: { jwksOrigins?: readonly string[] | undefined } | undefined
  jwksUri?: string | undefined
  jwks?: { readonly keys: readonly object[] } | undefined
  jwksFile?: string | undefined
}

/**
 * Reads where keys come from. Inline keys have to be usable with the algorithms; nothing is fetched.
 * @param issuer its address, for discovery
 * @throws {AppError} `issuer_invalid`; no sentence quotes a key
 */
export async function readKeys(draft: KeysDraft, issuer: string, algorithms: readonly JwtAlgorithm[]): Promise<KeySource> {
  const { discovery, jwksUri, jwks, jwksFile } = draft
  if (discovery) return readDiscovery(issuer, discovery.jwksOrigins)
  if (jwksUri !== undefined) return { jwksUri: readAddress('keys.jwksUri', jwksUri) }
  if (jwksFile !== undefined) return { jwksFile: readFileName(jwksFile) }
  if (jwks) return { jwks: { keys: await readInlineKeys(jwks.keys, algorithms) } }
  throw issuerInvalid('keys', 'It is not said where the keys are.', 'Name one of discovery, jwksUri, jwks and jwksFile.')
}

function readDiscovery(issuer: string, jwksOrigins: readonly string[] = []): KeySource {
  const fault = outboundUrlFault(issuer)
  if (fault !== undefined) throw issuerInvalid('issuer', `The issuer can't be asked for its keys: it ${fault}.`, OTHER_SOURCES)
  const wrong = jwksOrigins.find((origin) => outboundUrlFault(origin) !== undefined || URL.parse(origin)?.origin !== origin)
  if (wrong === undefined) return { discovery: jwksOrigins.length === 0 ? {} : { jwksOrigins } }
  throw issuerInvalid(
    'keys.discovery.jwksOrigins',
    `"${wrong.slice(0, 80)}" is no origin.`,
    'Write it like https://keys.example.com, without a path.',
  )
}

const OTHER_SOURCES = 'Give its keys with keys.jwks or keys.jwksFile, or an https address of them with keys.jwksUri.'

function readAddress(field: string, address: string): string {
  const fault = outboundUrlFault(address)
  if (fault === undefined) return address
  throw issuerInvalid(field, `The address ${fault}.`, 'Write it like https://keys.example.com/jwks.json.')
}

function readFileName(name: string): string {
  if (isPlainFileName(name)) return name
  throw issuerInvalid(
    'keys.jwksFile',
    'This is no plain file name.',
    'Put the file into the directory for issuers’ files, and name it without a path.',
  )
}

async function readInlineKeys(keys: readonly object[], algorithms: readonly JwtAlgorithm[]): Promise<readonly object[]> {
  if (keys.length === 0 || keys.length > MAX_KEYS) {
    throw issuerInvalid('keys.jwks.keys', `There are no keys, or more than ${MAX_KEYS}.`, 'Give the set as the issuer publishes it.')
  }
  for (const [at, jwk] of keys.entries()) {
    const key = await readPublicKey(jwk, algorithms)
    if (!('reason' in key)) continue
    const remedy = `Give public keys only, and only those for: ${algorithms.join(', ')}.`
    throw issuerInvalid(`keys.jwks.keys.${at}`, `The key can't be used: ${key.reason}.`, remedy)
  }
  return keys
}
