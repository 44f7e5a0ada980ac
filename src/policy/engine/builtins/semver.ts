import { fitsInt64, type Builtin } from './builtin.ts'

/**
 * OPA's own reading of SemVer, which is not the npm library's: a leading `v` is fine, numbers are int64, and numeric pre-release
 * identifiers stop at the largest int64.
 */
export const semverBuiltins: Readonly<Record<string, Builtin>> = {
  'semver.is_valid': (text) => typeof text === 'string' && parseVersion(text) !== undefined,
  'semver.compare': (first, second) => {
    const a = typeof first === 'string' ? parseVersion(first) : undefined
    const b = typeof second === 'string' ? parseVersion(second) : undefined
    return a && b && compareVersions(a, b)
  },
}

interface Version {
  numbers: readonly bigint[]
  preRelease: readonly string[]
}

const VERSION =
  /^v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/
const NUMERIC = /^\d+$/

function parseVersion(text: string): Version | undefined {
  const match = VERSION.exec(text)
  if (!match) return undefined
  const numbers = match.slice(1, 4).map(BigInt)
  const preRelease = match[4]?.split('.') ?? []
  if (!numbers.every(fitsInt64) || preRelease.some((part) => part.length > 1 && part.startsWith('0') && NUMERIC.test(part)))
    return undefined
  return { numbers, preRelease }
}

/** SemVer 2.0.0, section 11. */
function compareVersions(a: Version, b: Version): number {
  for (const [index, number] of a.numbers.entries()) {
    const order = compare(number, b.numbers[index] ?? 0n)
    if (order !== 0) return order
  }
  if (a.preRelease.length === 0 || b.preRelease.length === 0) return Math.sign(b.preRelease.length - a.preRelease.length)
  for (const [index, part] of a.preRelease.entries()) {
    const other = b.preRelease[index]
    if (other === undefined) return 1
    const order = compareIdentifiers(part, other)
    if (order !== 0) return order
  }
  return a.preRelease.length < b.preRelease.length ? -1 : 0
}

function compareIdentifiers(a: string, b: string): number {
  const [aNumeric, bNumeric] = [NUMERIC.test(a), NUMERIC.test(b)]
  if (aNumeric && bNumeric) return compare(clamped(a), clamped(b))
  if (aNumeric !== bNumeric) return aNumeric ? -1 : 1
  return compare(a, b)
}

function clamped(digits: string): bigint {
  const value = BigInt(digits)
  return fitsInt64(value) ? value : 2n ** 63n - 1n
}

function compare<Value extends bigint | string>(a: Value, b: Value): number {
  return a < b ? -1 : a > b ? 1 : 0
}
