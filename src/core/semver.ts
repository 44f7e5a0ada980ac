/** A version that was read: its numbers, and the identifiers of its pre-release. */
export interface Version {
  numbers: readonly bigint[]
  preRelease: readonly string[]
}

const VERSION = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?$/
const NUMERIC = /^\d+$/

/**
 * The order of two semantic versions (SemVer 2.0.0, section 11); a leading `v` and missing parts (`1.2`) are allowed.
 * @returns negative, zero or positive; undefined if either is no such version
 */
export function compareSemver(a: string, b: string): number | undefined {
  const [first, second] = [parse(a), parse(b)]
  return first && second && compareVersions(first, second)
}

function parse(text: string): Version | undefined {
  const found = VERSION.exec(text.slice(0, 300))
  if (!found) return undefined
  return { numbers: found.slice(1, 4).map((part) => BigInt(part ?? '0')), preRelease: found[4]?.split('.') ?? [] }
}

/**
 * SemVer 2.0.0, section 11.
 * @param numeric reads a numeric identifier of a pre-release
 */
export function compareVersions(a: Version, b: Version, numeric: (digits: string) => bigint = BigInt): number {
  for (const [index, number] of a.numbers.entries()) {
    const order = inOrder(number, b.numbers[index] ?? 0n)
    if (order !== 0) return order
  }
  // A version without a pre-release comes after all that have one.
  if (a.preRelease.length === 0 || b.preRelease.length === 0) return Math.sign(b.preRelease.length - a.preRelease.length)
  for (const [index, part] of a.preRelease.entries()) {
    const other = b.preRelease[index]
    if (other === undefined) return 1
    const order = compareIdentifiers(part, other, numeric)
    if (order !== 0) return order
  }
  return a.preRelease.length < b.preRelease.length ? -1 : 0
}

function compareIdentifiers(a: string, b: string, numeric: (digits: string) => bigint): number {
  const [aNumeric, bNumeric] = [NUMERIC.test(a), NUMERIC.test(b)]
  if (aNumeric && bNumeric) return inOrder(numeric(a), numeric(b))
  return aNumeric === bNumeric ? inOrder(a, b) : aNumeric ? -1 : 1
}

function inOrder<T extends bigint | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0
}
