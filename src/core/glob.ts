/**
 * Repository globs: `*` stands for any run of characters within one path segment, `**` for any run at all.
 * Everything else is literal; letter case counts. The whole name must match.
 */
export function matchesGlob(glob: string, name: string): boolean {
  return compiled(glob).test(name)
}

/** True if the glob has no wildcard, so that it names exactly one repository. */
export function isExactGlob(glob: string): boolean {
  return !glob.includes('*')
}

/**
 * True unless no name at all can match both globs.
 * Decides on the literal heads and tails, so it may say true for a pair that cannot meet, never false for one that can.
 */
export function globsMayMeet(a: string, b: string): boolean {
  if (isExactGlob(a)) return matchesGlob(b, a)
  if (isExactGlob(b)) return matchesGlob(a, b)
  const [headA, headB] = [a.slice(0, a.indexOf('*')), b.slice(0, b.indexOf('*'))]
  const [tailA, tailB] = [a.slice(a.lastIndexOf('*') + 1), b.slice(b.lastIndexOf('*') + 1)]
  return (headA.startsWith(headB) || headB.startsWith(headA)) && (tailA.endsWith(tailB) || tailB.endsWith(tailA))
}

const cache = new Map<string, RegExp>()
const CACHE_LIMIT = 1000

function compiled(glob: string): RegExp {
  let pattern = cache.get(glob)
  if (!pattern) {
    if (cache.size >= CACHE_LIMIT) cache.clear()
    const source = glob
      .split(/(\*+)/)
      .map((part) => (part.startsWith('*') ? (part.length > 1 ? '.*' : '[^/]*') : RegExp.escape(part)))
      .join('')
    pattern = new RegExp(`^${source}$`, 'su')
    cache.set(glob, pattern)
  }
  return pattern
}
