import type { JwtClaims } from '../jwt/model.ts'
import type { ClaimType, KindProfile } from './kinds/kind.ts'

/** What reading claims needs to know of an issuer's kind. */
export type ClaimNames = Pick<KindProfile, 'claims' | 'nested'>

/** As long as a field of the decision context may be. */
const LONGEST_FACT = 500

/** Reads the claims of a verified token under the names that rules have for them. */
export class ClaimReader {
  readonly #names: ClaimNames
  readonly #claims: JwtClaims

  constructor(names: ClaimNames, claims: JwtClaims) {
    this.#names = names
    this.#claims = claims
  }

  /** The claim as it stands in the token; undefined if it hasn't got it. */
  value(name: string): unknown {
    let value: unknown = this.#claims
    for (const member of pathOf(this.#names, name)) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, member)) return undefined
      value = (value as Readonly<Record<string, unknown>>)[member]
    }
    return value
  }

  /** What the issuer's documentation says that the claim is; undefined for one that is not known. */
  typeOf(name: string): ClaimType | undefined {
    return claimType(this.#names, name)
  }

  /** A claim as a fact of a decision: a text in one line, not empty and not overlong. Else undefined, so that it counts as not proven. */
  text(name: string): string | undefined {
    const value = this.value(name)
    if (typeof value !== 'string' || value === '' || value.length > LONGEST_FACT) return undefined
    return value.isWellFormed() && !/\p{Cc}/u.test(value) ? value : undefined
  }

  /** The same for a whole number, which some issuers write as text. */
  number(name: string): string | undefined {
    const value = this.value(name)
    return Number.isSafeInteger(value) ? String(value) : this.text(name)
  }

  /** A full commit: nothing shorter, and no name such as `HEAD`, names one. */
  commit(name: string): string | undefined {
    const text = this.text(name)
    return text !== undefined && /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(text) ? text : undefined
  }
}

/** The documented type of a claim; an entry that ends with a dot speaks for every name that begins with it. */
export function claimType({ claims }: ClaimNames, name: string): ClaimType | undefined {
  if (Object.hasOwn(claims, name)) return claims[name]
  const family = familyOf(name)
  return Object.hasOwn(claims, family) ? claims[family] : undefined
}

function pathOf({ nested }: ClaimNames, name: string): readonly string[] {
  if (Object.hasOwn(nested, name)) return nested[name] ?? []
  const family = familyOf(name)
  return Object.hasOwn(nested, family) ? [...(nested[family] ?? []), name.slice(family.length)] : [name]
}

/** `principal_tags.` of `principal_tags.team`. */
function familyOf(name: string): string {
  return name.slice(0, name.indexOf('.') + 1)
}
