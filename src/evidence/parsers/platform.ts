import { textOf, type JsonObject } from './json-fields.ts'

/**
 * `os/architecture[/variant]` of an object that has these members, as in an OCI image's configuration; null unless it
 * states both. https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md (platform)
 */
export function platformOf(owner: JsonObject): string | null {
  const os = textOf(owner['os'])
  const architecture = textOf(owner['architecture'])
  if (os === null || architecture === null) return null
  return [os, architecture, textOf(owner['variant'])].filter((part) => part !== null).join('/')
}
