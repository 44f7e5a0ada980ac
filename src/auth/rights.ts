import type { Confinement, Scope } from '../core/principal.ts'
import { scopesOf, type Rights } from './authorize.ts'
import { CONFINED_LISTS, confinementWithin, MAX_ITEMS } from './confinement.ts'

/** What may be done and where, with roles resolved. */
export interface EffectiveRights {
  scopes: ReadonlySet<Scope>
  confinement: Confinement
}

/**
 * What somebody can be let do who is given several rights at once: an approver of one place who reads everywhere must not come to approve
 * everywhere. Each result has one place, and at most what is given for all of it; none lies within another.
 * @returns the widest place first, then the most scopes
 */
export function alternativesOf(given: readonly Rights[]): Rights[] {
  const places = given.map(({ confinement }) => togetherAt(confinement, given))
  return withoutLesser(mergePlaces(places)).sort(
    (a, b) => limitsOf(a.confinement) - limitsOf(b.confinement) || scopesOf(b).size - scopesOf(a).size,
  )
}

/**
 * What is left of rights that rest on others: what those still give for the whole of their place, else what they give for a part of it.
 * @param given as `alternativesOf` makes them
 * @returns undefined if nothing is left
 */
export function cutRights(own: Rights, given: readonly Rights[]): EffectiveRights | undefined {
  const here = sharedScopes(own, togetherAt(own.confinement, given))
  if (here.size > 0) return { scopes: here, confinement: own.confinement }
  for (const part of given) {
    const scopes = sharedScopes(own, part)
    if (scopes.size > 0 && confinementWithin(part.confinement, own.confinement)) return { scopes, confinement: part.confinement }
  }
  return undefined
}

/** Everything that is given for the whole of a place. */
function togetherAt(confinement: Confinement, given: readonly Rights[]): Rights {
  const fitting = given.filter((rights) => confinementWithin(confinement, rights.confinement))
  const roles = [...new Set(fitting.flatMap((rights) => rights.roles))]
  const scopes = [...new Set(fitting.flatMap((rights) => rights.scopes))]
  return { roles, scopes, confinement }
}

function sharedScopes(own: Rights, given: Rights): Set<Scope> {
  return new Set(scopesOf(own)).intersection(scopesOf(given))
}

/** The same rights in places that differ in one list only are rights in both. */
function mergePlaces(places: readonly Rights[]): Rights[] {
  const merged: Rights[] = []
  for (const rights of places) {
    const at = merged.findIndex((other) => bothPlaces(other, rights) !== undefined)
    const known = merged[at]
    const both = known && bothPlaces(known, rights)
    if (both) merged[at] = { ...rights, confinement: both }
    else merged.push(rights)
  }
  return merged.length < places.length ? mergePlaces(merged) : merged
}

function bothPlaces(one: Rights, other: Rights): Confinement | undefined {
  if (scopesOf(one).symmetricDifference(scopesOf(other)).size > 0) return undefined
  const differing = CONFINED_LISTS.filter((list) => !sameItems(one.confinement[list], other.confinement[list]))
  const [list, ...others] = differing
  if (list === undefined) return one.confinement
  const items = [...new Set([...(one.confinement[list] ?? []), ...(other.confinement[list] ?? [])])]
  const limited = one.confinement[list] && other.confinement[list]
  return limited && others.length === 0 && items.length <= MAX_ITEMS ? { ...one.confinement, [list]: items } : undefined
}

function sameItems(one: readonly string[] | undefined, other: readonly string[] | undefined): boolean {
  if (!one || !other) return one === other
  return new Set(one).symmetricDifference(new Set(other)).size === 0
}

function withoutLesser(all: readonly Rights[]): Rights[] {
  return all.filter((rights, at) => !all.some((other, otherAt) => at !== otherAt && isLesser(rights, other, otherAt < at)))
}

/** @param orEqual of two that are the same, one stays */
function isLesser(rights: Rights, other: Rights, orEqual: boolean): boolean {
  const within = (a: Rights, b: Rights): boolean => scopesOf(a).isSubsetOf(scopesOf(b)) && confinementWithin(a.confinement, b.confinement)
  return within(rights, other) && (orEqual || !within(other, rights))
}

function limitsOf(confinement: Confinement): number {
  return CONFINED_LISTS.filter((list) => confinement[list]).length
}
