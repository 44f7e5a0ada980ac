import type { Confinement, Role, Scope } from '../../core/principal.ts'
import { matchesGlob } from '../../core/glob.ts'
import type { ClaimReader } from './claim-reader.ts'
import type { ClaimType } from './kinds/kind.ts'

/** A JSON scalar that a claim is compared with; `1`, `"1"` and `true` are three different values. */
export type ClaimValue = string | number | boolean

/** Which claims of a token make it which principal, with which rights. Of an issuer's rules the first that matches counts. */
export interface Rule {
  name: string
  /** Claims that must be exactly this. */
  claims: Readonly<Record<string, ClaimValue>>
  /** Globs that whole claims must match: `*` for any run without a slash, `**` for any run (see `core/glob.ts`). */
  patterns: Readonly<Record<string, string>>
  /** Name of a workload, and its id, which is what counts. */
  principal: string
  principalId: string
  roles: readonly Role[]
  scopes: readonly Scope[]
  /**
   * Where tokens of the issuer's kind prove a repository, a job is confined to that one, which has to be one of those that stand here. Else
   * they are what it is confined to.
   */
  confinement: Confinement
  /** Globs of repositories that a job may speak for besides its own, as one that deploys for others. */
  speaksFor: readonly string[]
}

/** Longer claims match no pattern: they are attacker-controlled, and matching takes time in proportion. */
const LONGEST_MATCHED = 1024

/** True if the token has every claim that the rule names, as the rule wants it. */
export function ruleMatches({ claims, patterns }: Pick<Rule, 'claims' | 'patterns'>, token: ClaimReader): boolean {
  return (
    // Code unit by code unit: no letter case is folded, no Unicode is normalised, and no type is converted.
    Object.entries(claims).every(([name, wanted]) => valuesOf(token, name).includes(wanted)) &&
    Object.entries(patterns).every(([name, pattern]) =>
      valuesOf(token, name).some((value) => matchesPattern(pattern, value, token.typeOf(name))),
    )
  )
}

/** The items of a claim that is documented as a list; any other list, like an object, is one value that equals nothing. */
function valuesOf(token: ClaimReader, name: string): readonly unknown[] {
  const value = token.value(name)
  return token.typeOf(name) === 'list' && Array.isArray(value) ? value : [value]
}

function matchesPattern(pattern: string, value: unknown, type: ClaimType | undefined): boolean {
  if (typeof value !== 'string' || value.length > LONGEST_MATCHED) return false
  return (type !== 'ascii' || isAscii(value)) && matchesGlob(pattern, value)
}

/** Printable ASCII without spaces: in names of this alphabet a look-alike of another one must not hide behind a wildcard. */
export function isAscii(text: string): boolean {
  return /^[!-~]*$/.test(text)
}
