import { createPrivateKey, createPublicKey, hash, sign, verify, type KeyObject } from 'node:crypto'

import { AppError } from '../core/app-error.ts'

export type NoteErrorCode = 'note_malformed' | 'note_key_malformed' | 'note_unsigned'

/** A public key under a name, as it is pinned by whoever verifies. */
export interface VerifierKey {
  name: string
  /** First four bytes of SHA-256(name ‖ "\n" ‖ 0x01 ‖ public key), hex. */
  id: string
  publicKey: KeyObject
  /** `name+id+base64(0x01 ‖ public key)`. */
  text: string
}

/** Signs notes under one name. */
export interface NoteSigner {
  verifierKey: VerifierKey
  /** @param text ends with a newline */
  sign(text: string): string
}

const ED25519 = 0x01
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')
const PRIVATE_PREFIX = 'PRIVATE+KEY+'

/** Most signatures that are looked at; the specification asks for at least 16. */
const MAX_SIGNATURES = 32

/** True if `name` can name a key: not empty, no white space, no plus, no control character, at most 256 characters. */
export function isKeyName(name: string): boolean {
  return name.length > 0 && name.length <= 256 && name.isWellFormed() && !/[\p{White_Space}\p{Cc}+]/u.test(name)
}

/** The verifier key of an Ed25519 public key (32 bytes) under a name. C2SP signed-note, section "Ed25519 signatures". */
export function makeVerifierKey(name: string, publicKey: Uint8Array): VerifierKey {
  if (!isKeyName(name) || publicKey.length !== 32) throw malformedKey()
  const typed = Buffer.concat([Buffer.of(ED25519), publicKey])
  const id = keyId(name, typed)
  return {
    name,
    id,
    publicKey: createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' }),
    text: `${name}+${id}+${typed.toString('base64')}`,
  }
}

/**
 * Reads `name+id+base64`, exactly: the id must be that of the key.
 * @throws {AppError} `note_key_malformed`
 */
export function parseVerifierKey(text: string): VerifierKey {
  const { name, data } = keyParts(text)
  const key = makeVerifierKey(name, data)
  if (key.text !== text) throw malformedKey()
  return key
}

/** The text of a private key: `PRIVATE+KEY+name+id+base64(0x01 ‖ seed)`, as golang.org/x/mod/sumdb/note writes it. */
export function formatPrivateKey(name: string, seed: Uint8Array): string {
  const { verifierKey } = noteSigner(name, seed)
  return `${PRIVATE_PREFIX}${name}+${verifierKey.id}+${Buffer.concat([Buffer.of(ED25519), seed]).toString('base64')}`
}

/**
 * Reads the text of a private key.
 * @throws {AppError} `note_key_malformed`; the text itself is never part of the error
 */
export function parsePrivateKey(text: string): { name: string; seed: Uint8Array } {
  if (!text.startsWith(PRIVATE_PREFIX)) throw malformedKey()
  const { name, data } = keyParts(text.slice(PRIVATE_PREFIX.length))
  if (!isKeyName(name) || formatPrivateKey(name, data) !== text) throw malformedKey()
  return { name, seed: data }
}

/** A signer out of the 32 bytes that an Ed25519 private key is made of (RFC 8032, section 5.1.5). */
export function noteSigner(name: string, seed: Uint8Array): NoteSigner {
  if (seed.length !== 32) throw malformedKey()
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  const key = makeVerifierKey(name, spki.subarray(SPKI_PREFIX.length))
  return { verifierKey: key, sign: (text) => signedNote(text, key, privateKey) }
}

/** A note whose signatures by known keys were all verified. */
export interface OpenedNote {
  /** Ends with a newline. */
  text: string
  verifiedBy: VerifierKey[]
  /** Signature lines by keys that nobody asked for; they prove nothing. */
  ignored: number
}

/**
 * Opens a note: every signature that claims a known key must be right, and there must be one at least.
 * @throws {AppError} `note_malformed`, or `note_unsigned` if no known key signed or a signature of one is wrong
 */
export function openNote(note: string, known: readonly VerifierKey[]): OpenedNote {
  const { text, signatures } = splitNote(note)
  const verifiedBy: VerifierKey[] = []
  for (const { name, id, signature } of signatures) {
    const key = known.find((candidate) => candidate.name === name && candidate.id === id)
    if (!key) continue
    if (verifiedBy.includes(key)) throw malformedNote()
    if (!verify(null, Buffer.from(text), key.publicKey, signature)) throw unsigned()
    verifiedBy.push(key)
  }
  if (verifiedBy.length === 0) throw unsigned()
  return { text, verifiedBy, ignored: signatures.length - verifiedBy.length }
}

function signedNote(text: string, key: VerifierKey, privateKey: KeyObject): string {
  if (!isNoteText(text)) throw malformedNote()
  const signature = Buffer.concat([Buffer.from(key.id, 'hex'), sign(null, Buffer.from(text), privateKey)])
  return `${text}\n— ${key.name} ${signature.toString('base64')}\n`
}

interface NoteSignature {
  name: string
  id: string
  signature: Uint8Array
}

/** The text is parted from the signatures by the last empty line. */
function splitNote(note: string): { text: string; signatures: NoteSignature[] } {
  const split = note.lastIndexOf('\n\n')
  const text = note.slice(0, split + 1)
  const lines = note.slice(split + 2).split('\n')
  if (split === -1 || !isNoteText(text) || lines.pop() !== '' || lines.length === 0 || lines.length > MAX_SIGNATURES) throw malformedNote()
  return { text, signatures: lines.map(signatureLine) }
}

function signatureLine(line: string): NoteSignature {
  const [dash, name = '', encoded = '', ...rest] = line.split(' ')
  const data = strictBase64(encoded)
  if (dash !== '—' || rest.length > 0 || !isKeyName(name) || !data || data.length < 5) throw malformedNote()
  return { name, id: data.toString('hex', 0, 4), signature: data.subarray(4) }
}

function isNoteText(text: string): boolean {
  return text.endsWith('\n') && text.isWellFormed() && Buffer.from(text).every((byte) => byte >= 0x20 || byte === 0x0a)
}

/** Decodes standard base64 with padding; undefined unless encoding the bytes again gives the very same text. */
export function strictBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}

/** Parts of `name+id+base64(0x01 ‖ 32 bytes)`. Base64 itself may hold a plus, a name or an id may not. */
function keyParts(text: string): { name: string; data: Uint8Array } {
  const first = text.indexOf('+')
  const second = text.indexOf('+', first + 1)
  const data = strictBase64(text.slice(second + 1))
  if (first < 1 || second === -1 || text.length > 512 || data?.length !== 33 || data[0] !== ED25519) throw malformedKey()
  return { name: text.slice(0, first), data: data.subarray(1) }
}

function keyId(name: string, typedKey: Uint8Array): string {
  return hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), typedKey]), 'hex').slice(0, 8)
}

function malformedKey(): AppError<NoteErrorCode> {
  return new AppError('note_key_malformed', 'The key is not an Ed25519 key in the form of a signed note.', {
    remedy: 'A verifier key reads NAME+8 hex digits+base64; copy it whole from the line that the service logs when it starts.',
  })
}

function malformedNote(): AppError<NoteErrorCode> {
  return new AppError('note_malformed', 'The text is not a signed note.')
}

function unsigned(): AppError<NoteErrorCode> {
  return new AppError('note_unsigned', 'The note is not signed by a known key.')
}
