/**
 * The host-qualified name of a repository, `HOST/OWNER/REPO`, of what a claim says; undefined if that can be no name. It becomes a
 * confinement, in which `*` would be a wildcard: whatever isn't plainly a name proves nothing.
 * @param path two parts at least
 */
export function repositoryName(host: string | undefined, path: string | undefined): string | undefined {
  if (host === undefined || path === undefined) return undefined
  const parts = path.split('/')
  return parts.length >= 2 && parts.every(isPart) ? `${host}/${path}` : undefined
}

/**
 * The same of an address, `https://HOST/OWNER/REPO.git`, perhaps with a user, perhaps without scheme.
 */
export function repositoryOfAddress(address: string | undefined): string | undefined {
  const [, host, path] = /^(?:https:\/\/)?(?:[^@/]*@)?([a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d{1,5})?)\/(.+)$/i.exec(address ?? '') ?? []
  return repositoryName(host?.toLowerCase(), path?.replace(/\.git$/, ''))
}

/** As it stands in an address: other characters are percent-encoded there. */
function isPart(part: string): boolean {
  return /^(?:[A-Za-z0-9._~-]|%[0-9A-Fa-f]{2})+$/.test(part) && part !== '.' && part !== '..'
}
