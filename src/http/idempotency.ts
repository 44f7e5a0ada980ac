import { AppError } from '../core/app-error.ts'
import { canonicalDigest, canonicalJson } from '../core/canonical-json.ts'
import { sha256Digest } from '../core/digest.ts'
import type { IdempotencyClaim } from '../core/idempotency.ts'
import type { Access } from '../core/principal.ts'
import type { HttpErrorCode } from './problem.ts'

const KEPT_MS = 24 * 60 * 60 * 1000
const PRINTABLE = /^[\x20-\x7e]{1,255}$/
const BARE = /^[\x21-\x7e]{1,255}$/
const QUOTED = /^"((?:[^"\\]|\\["\\])*)"$/

/**
 * Reads an Idempotency-Key: a structured-field string in quotes (RFC 9651, section 3.3.3), or bare.
 * @throws {AppError} `idempotency_key_malformed`
 */
export function parseIdempotencyKey(header: string): string {
  const quoted = QUOTED.exec(header)?.[1]?.replaceAll(/\\(["\\])/g, '$1')
  if (quoted !== undefined && PRINTABLE.test(quoted)) return quoted
  if (!header.startsWith('"') && BARE.test(header)) return header
  throw new AppError<HttpErrorCode>('idempotency_key_malformed', 'The Idempotency-Key is not 1 to 255 printable ASCII characters.', {
    field: 'header.Idempotency-Key',
    remedy: 'Use run id, attempt and job, such as 4711-1-deploy; with spaces, put it in double quotes.',
  })
}

/** Tells a client that this is the answer to an earlier request of its own; the other headers and the body are as they were. */
export function replayHeader(repeated: boolean): Readonly<Record<string, string>> {
  return repeated ? { 'idempotent-replayed': 'true' } : {}
}

/** What a claim is made from. */
export interface ClaimSource {
  /** The header, if the caller sent one. */
  key: string | undefined
  /** Whose request it is; undefined for public operations. */
  access: Pick<Access, 'principal' | 'identity' | 'confinement'> | undefined
  method: string
  path: string
  query: Readonly<Record<string, unknown>>
  /** The body as it was read, after any decompression. */
  body: Uint8Array
  /** Milliseconds since the epoch. */
  now: number
}

/** A form without what its sender chose at random to part its files by: sent again, it has another boundary. */
export function withoutBoundary(body: Uint8Array, contentType: string | undefined): Uint8Array {
  const boundary = /^multipart\/form-data\s*;(?:.*;)?\s*boundary="?([^";\s]{1,70})"?/i.exec(contentType ?? '')?.[1]
  if (boundary === undefined) return body
  return Buffer.from(Buffer.from(body).toString('latin1').replaceAll(`--${boundary}`, '--'), 'latin1')
}

/** The claim of a creating request; undefined if it carries no key. */
export function idempotencyClaim({ key, access, method, path, query, body, now }: ClaimSource): IdempotencyClaim | undefined {
  if (key === undefined) return undefined
  // Another confinement may get another answer, and what a workload's claims prove is part of what it asks.
  const { confinement = {}, identity = null } = access ?? {}
  const fingerprint = sha256Digest(canonicalJson({ query, body: sha256Digest(body), confinement, facts: identity?.facts ?? null }))
  return { principalId: access ? claimant(access) : '', method, path, key: parseIdempotencyKey(key), fingerprint, expiresAt: now + KEPT_MS }
}

/**
 * One rule can make the jobs of many repositories the same principal. Their keys are apart, since anybody can guess those that are made of
 * the number of a run.
 */
function claimant({ principal, identity }: Pick<Access, 'principal' | 'identity'>): string {
  if (!identity) return principal.id
  const { issuer, subject, facts } = identity
  return canonicalDigest({ principal: principal.id, issuer, workload: facts.repository ?? subject })
}
