import { randomUUIDv7 } from 'node:crypto'

/** A new UUID version 7 (RFC 9562, section 5.7): sorts by the time of its making. */
export function newId(): string {
  return randomUUIDv7()
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** True if `text` has the form of a UUID in lower case. */
export function isId(text: string): boolean {
  return UUID.test(text)
}
