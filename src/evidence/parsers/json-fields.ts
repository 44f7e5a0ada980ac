import type { Digest } from '../../core/digest.ts'
import { parseInstant } from '../../core/time.ts'

/** An object of untrusted JSON: any field may be missing or of any type. */
export type JsonObject = { readonly [key: string]: unknown }

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value if it is an object, else an empty one. */
export function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {}
}

/** The objects among the items of an array; empty for anything else. */
export function objectsOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

/** The strings among the items of an array; empty for anything else. */
export function stringsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []
}

/** The value if it is a string with something in it, else null. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

/** The value if it is a finite number, else null. */
export function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

/** The text if it is an RFC 3339 time with an offset, else null: a time without one can't be compared. */
export function instantOf(value: unknown): string | null {
  return parseInstant(value) === undefined ? null : (value as string)
}

const EMBEDDED_DIGEST = /(?:^|@)(sha256:[0-9a-f]{64})$/

/** The digest at the end of `NAME@sha256:HEX` or a bare `sha256:HEX`, else undefined. */
export function digestIn(reference: unknown): Digest | undefined {
  return typeof reference === 'string' ? (EMBEDDED_DIGEST.exec(reference)?.[1] as Digest | undefined) : undefined
}

/** The digests that end the given references, without repeats. */
export function digestsIn(references: unknown): Digest[] {
  return [...new Set(stringsOf(references).flatMap((reference) => digestIn(reference) ?? []))]
}
