const LONGEST = 1024
/** Printable ASCII but the backslash, which browsers take for a slash; two slashes would begin another host. */
const OWN_PATH = /^\/(?!\/)[\x21-\x5b\x5d-\x7e]*$/

/**
 * Where to go after a login: a page of this service, since whoever sends a link to the login must not choose where it ends.
 * @param path below `base`; attacker-controlled
 * @param base what the service is reached under, without a trailing slash
 * @returns the absolute address; undefined if the path could lead elsewhere
 */
export function returnAddress(path: string, base: string): string | undefined {
  if (path.length > LONGEST || !OWN_PATH.test(path)) return undefined
  const url = URL.parse(base + path)
  return url?.origin === new URL(base).origin ? url.href : undefined
}
