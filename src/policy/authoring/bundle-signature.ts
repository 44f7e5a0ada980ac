import { createHash, type KeyObject } from 'node:crypto'

import type { TarFile } from '../../core/tar/read-tar.ts'
import type { PolicyFinding } from './finding.ts'
import { goCanonicalJson } from './go-json.ts'
import { verifiedPayload } from './jws.ts'

/** As `opa sign` and `opa build --signing-key` write it. */
const SIGNATURES = '.signatures.json'
const HASHES: Readonly<Record<string, string>> = { 'SHA-256': 'sha256', 'SHA-384': 'sha384', 'SHA-512': 'sha512' }
const DOCUMENTS = /(?:^|\/)(?:data\.json|\.manifest)$/

interface SignedFile {
  name: string
  hash: string
  algorithm: string
}

/**
 * Holds an upload against its signature, as OPA does with bundles (https://www.openpolicyagent.org/docs/latest/management-bundles/#signing):
 * one token by one of these keys, which names each file and its hash, and no other file. Everything in it is attacker-controlled.
 * @returns what is wrong; undefined if the signature covers exactly these files
 */
export function signatureFault(files: readonly TarFile[], keys: readonly KeyObject[]): PolicyFinding | undefined {
  const signatures = files.find(({ path }) => path === SIGNATURES)
  if (!signatures) return unsigned()
  const token = tokenIn(signatures.bytes)
  if (token === undefined) return invalid('It holds no single signature.')
  const payload = verifiedPayload(token, keys)
  if (payload === undefined) return invalid('It is by none of the keys of this service.')
  const signed = filesIn(payload)
  if (!signed) return invalid('What it signs is no list of files.')
  return comparison(
    files.filter((file) => file !== signatures),
    signed,
  )
}

function comparison(files: readonly TarFile[], signed: readonly SignedFile[]): PolicyFinding | undefined {
  const left = new Map(signed.map((file) => [file.name, file]))
  for (const file of files) {
    const listed = left.get(file.path)
    if (!listed) return invalid('The signature does not cover this file.', file.path)
    if (hashOf(file, listed.algorithm) !== listed.hash) return invalid('The file is not the one that was signed.', file.path)
    left.delete(file.path)
  }
  for (const name of left.keys()) return invalid(`A file that was signed is absent: ${name.slice(0, 200)}.`)
  return undefined
}

/** Undefined for a hash that isn't known, or a document that can't be read. */
function hashOf({ path, bytes }: TarFile, algorithm: string): string | undefined {
  const name = Object.hasOwn(HASHES, algorithm) ? HASHES[algorithm] : undefined
  if (name === undefined) return undefined
  // Of documents OPA hashes what they say, not how it is written.
  const content = DOCUMENTS.test(path) ? goCanonicalJson(Buffer.from(bytes).toString('utf8')) : bytes
  return content === undefined ? undefined : createHash(name).update(content).digest('hex')
}

function tokenIn(bytes: Uint8Array): string | undefined {
  const parsed = parse(Buffer.from(bytes).toString('utf8'))
  const signatures: unknown = parsed?.['signatures']
  const [only, ...others] = Array.isArray(signatures) ? (signatures as readonly unknown[]) : []
  return typeof only === 'string' && others.length === 0 ? only : undefined
}

function filesIn(payload: Uint8Array): SignedFile[] | undefined {
  const files: unknown = parse(Buffer.from(payload).toString('utf8'))?.['files']
  if (!Array.isArray(files)) return undefined
  const read = files.flatMap((file: unknown): SignedFile[] => {
    if (typeof file !== 'object' || file === null) return []
    const { name, hash, algorithm } = file as Record<string, unknown>
    if (typeof name !== 'string' || typeof hash !== 'string' || typeof algorithm !== 'string') return []
    return [{ name: name.replace(/^\/+/, ''), hash: hash.toLowerCase(), algorithm }]
  })
  const names = new Set(read.map(({ name }) => name))
  return read.length === files.length && names.size === files.length ? read : undefined
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

const FIX = 'Sign all of its files: opa sign --signing-key key.pem --bundle FOLDER, and send .signatures.json with them.'

function unsigned(): PolicyFinding {
  const message = 'This service takes signed policies only (PORTCULLIS_POLICY_KEYS is set).'
  return { code: 'bundle_unsigned', file: null, line: null, message, fix: FIX }
}

function invalid(message: string, file = SIGNATURES): PolicyFinding {
  return { code: 'bundle_signature_invalid', file, line: null, message, fix: FIX }
}
