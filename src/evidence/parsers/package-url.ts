/** The types of package URLs that are built here, where a tool names the package but not its URL. */
export type PackageType = 'cargo' | 'composer' | 'gem' | 'golang' | 'hex' | 'maven' | 'npm' | 'nuget' | 'pub' | 'pypi'

/** Registries that do not tell these letters apart; their package URLs are written in lower case. */
const LOWER_CASE = new Set<PackageType>(['composer', 'golang', 'pypi'])

/**
 * The package URL of a package as its ecosystem names it (`@scope/name`, `group:artifact`, `vendor/name`).
 * https://github.com/package-url/purl-spec
 * @returns null without a name
 */
export function packageUrl(type: PackageType, name: string | null, version: string | null): string | null {
  if (name === null) return null
  const path = nameOf(type, name).split('/').map(encodeURIComponent).join('/')
  return version === null ? `pkg:${type}/${path}` : `pkg:${type}/${path}@${encodeURIComponent(version)}`
}

function nameOf(type: PackageType, name: string): string {
  const cased = LOWER_CASE.has(type) ? name.toLowerCase() : name
  if (type === 'maven') return cased.replace(':', '/')
  return type === 'pypi' ? cased.replaceAll('_', '-') : cased
}
