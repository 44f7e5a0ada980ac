import type { JsonObject } from './json-fields.ts'

/** A copy of the object with the named fields alone: what is known to be harmless, whatever later versions of a tool add. */
export function keepOnly(object: JsonObject, fields: readonly string[]): JsonObject {
  return Object.fromEntries(fields.filter((field) => Object.hasOwn(object, field)).map((field) => [field, object[field]]))
}
