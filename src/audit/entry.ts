import { hash, randomFillSync } from 'node:crypto'

import { AppError } from '../core/app-error.ts'
import { parseBoundedJson } from '../core/bounded-json.ts'
import { canonicalDigest, canonicalJson } from '../core/canonical-json.ts'
import type { EntryDraft, JsonValue } from '../core/log-entry.ts'

export type EntryErrorCode = 'entry_too_long' | 'entry_malformed'

/** Longest leaf, in bytes of UTF-8: what an entry bundle of C2SP tlog-tiles can hold. */
export const MAX_LEAF_BYTES = 65_535

const SALT_BYTES = 32

/** Free text beside the leaf: `salt` is base64 of 32 bytes. Deleting both leaves a hash that tells nobody anything. */
export interface SaltedValue {
  salt: string
  value: JsonValue
}

/** An entry ready to be stored: the leaf is exactly the bytes that are hashed. */
export interface SealedEntry {
  leaf: string
  detail: Record<string, SaltedValue>
}

/** A leaf, read. Fields that did not apply are null. */
export interface Entry {
  type: string
  version: 1
  at: string
  actor: string
  onBehalfOf: string | null
  subject: string | null
  stage: string | null
  environment: string | null
  requestId: string | null
  body: Readonly<Record<string, unknown>>
  /** Field → base64 of SHA-256(salt ‖ canonical JSON of the value). */
  detail: Readonly<Record<string, string>>
}

/**
 * Makes the leaf of a fact: canonical JSON (RFC 8785) of `Entry`, with salted hashes in place of the free text.
 * Lists at the top of the body give way to `{count, digest}`, the longest first, until the leaf fits.
 * @throws {AppError} `entry_too_long` if the leaf passes 65,535 bytes even so
 */
export function sealEntry(draft: EntryDraft): SealedEntry {
  const { detail, hashes } = saltDetail(draft.detail)
  const hashesText = canonicalJson(hashes)
  const leafWith = (body: EntryDraft['body']): string => leafText(draft, canonicalJson(body), hashesText)
  const leaf = leafWith(draft.body)
  return { leaf: fits(leaf) ? leaf : shortenedLeaf(draft.body, leafWith), detail }
}

/**
 * Reads a leaf. Only the exact text that `sealEntry` could have made is accepted.
 * @throws {AppError} `entry_malformed`
 */
export function openEntry(leaf: string): Entry {
  const entry = parsedEntry(leaf)
  if (!isEntry(entry)) throw malformed()
  return entry
}

/** Whether value and salt are those that the leaf was made with. */
export function verifyDetail(entry: Entry, field: string, salt: string, value: JsonValue): boolean {
  const bytes = Buffer.from(salt, 'base64')
  return bytes.length === SALT_BYTES && Object.hasOwn(entry.detail, field) && entry.detail[field] === saltedHash(bytes, value)
}

/** Keys in the order of RFC 8785, section 3.2.3; written out because every decision passes here. */
function leafText(draft: EntryDraft, body: string, detail: string): string {
  return (
    `{"actor":${quoted(draft.actor)},"at":${quoted(draft.at)},"body":${body},"detail":${detail},"environment":${quoted(draft.environment)}` +
    `,"onBehalfOf":${quoted(draft.onBehalfOf)},"requestId":${quoted(draft.requestId)},"stage":${quoted(draft.stage)}` +
    `,"subject":${quoted(draft.subject)},"type":${quoted(draft.type)},"version":1}`
  )
}

function quoted(value: string | undefined): string {
  return value === undefined ? 'null' : canonicalJson(value)
}

/** A leaf without free text still gets a salted field, so that its hash cannot be guessed from its facts. */
function saltDetail(given: EntryDraft['detail']): { detail: SealedEntry['detail']; hashes: Record<string, string> } {
  const fields = Object.keys(given).length === 0 ? { nonce: null } : given
  const names = Object.keys(fields)
  // One call for all fields of an entry: the call costs more than the bytes.
  const salts = randomFillSync(Buffer.allocUnsafe(names.length * SALT_BYTES))
  const detail: SealedEntry['detail'] = {}
  const hashes: Record<string, string> = {}
  names.forEach((name, at) => {
    const salt = salts.subarray(at * SALT_BYTES, (at + 1) * SALT_BYTES)
    const value = fields[name] ?? null
    detail[name] = { salt: salt.toString('base64'), value }
    hashes[name] = saltedHash(salt, value)
  })
  return { detail, hashes }
}

function saltedHash(salt: Uint8Array, value: JsonValue): string {
  return hash('sha256', Buffer.concat([salt, Buffer.from(canonicalJson(value))]), 'base64')
}

function fits(leaf: string): boolean {
  return leaf.length <= MAX_LEAF_BYTES && Buffer.byteLength(leaf) <= MAX_LEAF_BYTES
}

function shortenedLeaf(body: EntryDraft['body'], leafWith: (body: EntryDraft['body']) => string): string {
  const lists = Object.entries(body).flatMap(([key, value]) => (Array.isArray(value) ? [{ key, list: value as readonly JsonValue[] }] : []))
  const longestFirst = lists
    .map(({ key, list }) => ({ key, list, length: canonicalJson(list).length }))
    .sort((a, b) => b.length - a.length || (a.key < b.key ? -1 : 1))
  let shorter = body
  for (const { key, list } of longestFirst) {
    shorter = { ...shorter, [key]: { count: list.length, digest: canonicalDigest(list) } }
    const leaf = leafWith(shorter)
    if (fits(leaf)) return leaf
  }
  throw new AppError<EntryErrorCode>('entry_too_long', `The log entry is longer than ${MAX_LEAF_BYTES} bytes.`, {
    remedy: 'Shorten the subject, the names or the number of parts that the request carries.',
  })
}

function parsedEntry(leaf: string): unknown {
  if (!fits(leaf)) throw malformed()
  try {
    const value = parseBoundedJson(leaf)
    if (canonicalJson(value) === leaf) return value
  } catch (cause) {
    throw malformed(cause)
  }
  throw malformed()
}

const ENTRY_FIELDS = 'actor,at,body,detail,environment,onBehalfOf,requestId,stage,subject,type,version'

function isEntry(value: unknown): value is Entry {
  if (!isObject(value) || Object.keys(value).join() !== ENTRY_FIELDS) return false
  const { body, detail, version, type, at, actor, onBehalfOf, subject, stage, environment, requestId } = value
  if (version !== 1 || !isObject(body) || !isObject(detail)) return false
  if (![type, at, actor].every((field) => typeof field === 'string')) return false
  if (![onBehalfOf, subject, stage, environment, requestId].every((field) => field === null || typeof field === 'string')) return false
  const hashes = Object.values(detail)
  return hashes.length > 0 && hashes.every((text) => typeof text === 'string' && SALTED_HASH.test(text))
}

const SALTED_HASH = /^[A-Za-z0-9+/]{43}=$/

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function malformed(cause?: unknown): AppError<EntryErrorCode> {
  return new AppError('entry_malformed', 'The text is not a log entry of version 1.', { cause })
}
