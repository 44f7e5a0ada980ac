/** A package URL in its parts, decoded. https://github.com/package-url/purl-spec */
export interface PackageUrl {
  type: string
  /** Segments joined by `/`; empty if there is none. */
  namespace: string
  name: string
  version: string | null
  qualifiers: ReadonlyMap<string, string>
}

const TYPE = /^[a-z][a-z0-9.+-]*$/
const MAX_LENGTH = 4096

/** Types whose namespace and name don't tell letter case apart. */
const LOWER_CASE: ReadonlySet<string> = new Set(['apk', 'bitbucket', 'composer', 'deb', 'github', 'golang', 'hex', 'npm', 'oci', 'pypi'])

/**
 * Reads a package URL. A subpath is left out: it names a part of the package.
 * @returns undefined if the text is none
 */
export function parsePurl(text: string): PackageUrl | undefined {
  if (text.length > MAX_LENGTH || !/^pkg:/i.test(text)) return undefined
  const withoutSubpath = text.slice(4).replace(/^\/+/, '').split('#', 1)[0] ?? ''
  const [path, query] = cut(withoutSubpath, withoutSubpath.indexOf('?'))
  const slash = path.indexOf('/')
  const type = path.slice(0, Math.max(slash, 0)).toLowerCase()
  if (!TYPE.test(type)) return undefined
  const rest = path.slice(slash + 1)
  const at = rest.lastIndexOf('@')
  const [names, version] = cut(rest, at > rest.lastIndexOf('/') && at > 0 ? at : -1)
  const segments = names.split('/').flatMap((segment) => decoded(segment) || [])
  const name = segments.pop()
  if (name === undefined) return undefined
  return {
    type,
    namespace: inCaseOf(type, segments.join('/')),
    name: type === 'pypi' ? inCaseOf(type, name).replaceAll('_', '-') : inCaseOf(type, name),
    version: version === '' ? null : decoded(version),
    qualifiers: qualifiersOf(query),
  }
}

/** Whether two package URLs name the same package, whatever version of it. */
export function isSamePackage(a: PackageUrl, b: PackageUrl): boolean {
  return a.type === b.type && a.namespace === b.namespace && a.name === b.name
}

function cut(text: string, at: number): [string, string] {
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

function inCaseOf(type: string, text: string): string {
  return LOWER_CASE.has(type) ? text.toLowerCase() : text
}

function qualifiersOf(query: string): Map<string, string> {
  const pairs = query.split('&').map((pair) => cut(pair, pair.indexOf('=')))
  return new Map(pairs.flatMap(([key, value]) => (key === '' || value === '' ? [] : [[key.toLowerCase(), decoded(value)]])))
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
