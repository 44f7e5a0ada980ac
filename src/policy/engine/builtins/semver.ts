import { compareVersions, type Version } from '../../../core/semver.ts'
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
    return a && b && compareVersions(a, b, clamped)
  },
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

function clamped(digits: string): bigint {
  const value = BigInt(digits)
  return fitsInt64(value) ? value : 2n ** 63n - 1n
}
