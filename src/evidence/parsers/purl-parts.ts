/** What a package URL tells of its package. */
export interface PurlParts {
  /** Namespace and name, joined as the package's ecosystem joins them. */
  name: string
  version: string | null
}

const PURL = /^pkg:\/{0,2}([A-Za-z][A-Za-z0-9.+-]*)\/([^@?#]+)(?:@([^?#]+))?/

/**
 * Reads the package out of a package URL; an `@` that starts a scope may stand unencoded, as many tools write it.
 * https://github.com/package-url/purl-spec
 * @returns undefined for what is no package URL
 */
export function purlParts(purl: string): PurlParts | undefined {
  const found = PURL.exec(purl.slice(0, 4096).replace(/(\/)@/, '$1%40'))
  const [, type = '', path = '', version] = found ?? []
  if (!found) return undefined
  const segments = path
    .split('/')
    .filter((segment) => segment !== '')
    .map(decoded)
  if (segments.length === 0) return undefined
  return { name: segments.join(type.toLowerCase() === 'maven' ? ':' : '/'), version: version === undefined ? null : decoded(version) }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
