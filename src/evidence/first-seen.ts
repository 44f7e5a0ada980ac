import type { Finding } from './model.ts'

/**
 * What makes two findings the same one over time: vulnerability or rule, and package (its version aside) or place (its line aside).
 * The time when a repository first saw a key counts for grace periods; a baseline holds keys.
 */
export function firstSeenKey(finding: Pick<Finding, 'id' | 'purl' | 'package' | 'location'>): string {
  const { id, purl, package: name, location } = finding
  return `${id} ${purl === null ? (name ?? (location === null ? '' : withoutLine(location))) : withoutVersion(purl)}`
}

/** The `@` of an npm scope, which some tools don't escape, begins no version. */
function withoutVersion(purl: string): string {
  const path = purl.replace(/[?#].*$/s, '')
  const at = path.lastIndexOf('@')
  return at > path.lastIndexOf('/') + 1 ? path.slice(0, at) : path
}

/** A line and perhaps a column, at the end or before the commit that some secret scanners name. */
const LINE = /:\d+(?::\d+)?(?= at [0-9a-f]{7,64}$|$)/

/** Lines move with every edit above them. The port of an address is none. */
function withoutLine(location: string): string {
  const line = LINE.exec(location)
  if (!line || /:\/\/[^/]*$/.test(location.slice(0, line.index))) return location
  return location.slice(0, line.index) + location.slice(line.index + line[0].length)
}
