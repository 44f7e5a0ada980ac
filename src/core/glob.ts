/**
 * Repository globs: `*` stands for any run of characters within one path segment, `**` for any run at all.
 * Everything else is literal; letter case counts. The whole name must match.
 */
export function matchesGlob(glob: string, name: string): boolean {
  if (isExactGlob(glob)) return glob === name
  const [head, tail] = endsOf(glob)
  if (name.length < head.length + tail.length || !name.startsWith(head) || !name.endsWith(tail)) return false
  const between = name.slice(head.length, name.length - tail.length)
  const wildcards = glob.slice(head.length, glob.length - tail.length)
  if (wildcards === ANY_RUN) return true
  return wildcards === RUN_IN_SEGMENT ? !between.includes('/') : covers(stepsOf(wildcards), between)
}

/** True if the glob has no wildcard, so that it names exactly one repository. */
export function isExactGlob(glob: string): boolean {
  return !glob.includes('*')
}

/** A glob with what is compared of it, worked out once where many are compared. */
export interface GlobShape {
  glob: string
  isExact: boolean
  /** What is literal at its beginning and at its end. */
  head: string
  tail: string
}

export function shapeOf(glob: string): GlobShape {
  if (isExactGlob(glob)) return { glob, isExact: true, head: glob, tail: glob }
  const [head, tail] = endsOf(glob)
  return { glob, isExact: false, head, tail }
}

/**
 * True unless no name at all can match both globs.
 * Decides on the literal heads and tails, so it may say true for a pair that cannot meet, never false for one that can.
 */
export function globsMayMeet(a: GlobShape, b: GlobShape): boolean {
  if (a.isExact && b.isExact) return a.glob === b.glob
  if (a.isExact) return matchesGlob(b.glob, a.glob)
  if (b.isExact) return matchesGlob(a.glob, b.glob)
  return (a.head.startsWith(b.head) || b.head.startsWith(a.head)) && (a.tail.endsWith(b.tail) || b.tail.endsWith(a.tail))
}

/**
 * True if the inner glob, read as if it were a name, matches the outer one: only a wildcard swallows a wildcard, and only `**` a `**`.
 * Then every name that matches the inner glob matches the outer one too.
 */
export function globCovers(outer: string, inner: string): boolean {
  return covers(stepsOf(outer), stepsOf(inner))
}

const ANY_RUN = '**'
const RUN_IN_SEGMENT = '*'

/** Single characters, `*` and `**`. */
function stepsOf(glob: string): string[] {
  return (glob.match(/\*+|[^*]/gu) ?? []).map((step) => step.slice(0, ANY_RUN.length))
}

/**
 * Follows all ways to match at once, since globs and names are attacker-controlled: trying them one after the other takes time exponential
 * in the number of wildcards, this takes steps × symbols.
 */
function covers(steps: readonly string[], symbols: Iterable<string>): boolean {
  // reached[n]: the first n steps match the symbols so far.
  const reached = [true]
  for (const [at, step] of steps.entries()) reached.push(reached[at] === true && isWildcard(step))
  for (const symbol of symbols) {
    let before = reached[0] === true
    reached[0] = false
    for (const [at, step] of steps.entries()) {
      const here = reached[at + 1] === true
      reached[at + 1] = isWildcard(step) ? (here && swallows(step, symbol)) || reached[at] === true : before && step === symbol
      before = here
    }
  }
  return reached[steps.length] === true
}

function isWildcard(step: string): boolean {
  return step === ANY_RUN || step === RUN_IN_SEGMENT
}

function swallows(wildcard: string, symbol: string): boolean {
  return wildcard === ANY_RUN || (symbol !== '/' && symbol !== ANY_RUN)
}

function endsOf(glob: string): [head: string, tail: string] {
  return [glob.slice(0, glob.indexOf('*')), glob.slice(glob.lastIndexOf('*') + 1)]
}
