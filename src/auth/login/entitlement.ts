import { scopesOf, type Rights } from '../authorize.ts'
import { alternativesOf, cutRights } from '../rights.ts'
import { notEntitled } from './errors.ts'
import type { LoginConfig } from './login-config.ts'

/** The groups of a person that mean something here. */
export function mappedGroups(groups: readonly string[], { groups: map }: Pick<LoginConfig, 'groups'>): string[] {
  return [...new Set(groups)].filter((group) => Object.hasOwn(map, group)).sort()
}

/** What membership in groups allows; see `alternativesOf`. */
export function rightsOfGroups(groups: readonly string[], { groups: map }: Pick<LoginConfig, 'groups'>): Rights[] {
  return alternativesOf(groups.flatMap((group) => (Object.hasOwn(map, group) && map[group] ? [map[group]] : [])))
}

/**
 * The rights that a session gets: those of the widest place, or of the place of one group.
 * @param groups mapped ones
 * @param wanted a group, where rights of several don't add up
 * @throws {AppError} `not_entitled`
 */
export function entitle(groups: readonly string[], login: Pick<LoginConfig, 'groups'>, wanted: string | null): Rights {
  const alternatives = rightsOfGroups(groups, login)
  if (wanted === null) {
    const [widest] = alternatives
    if (widest) return widest
    throw notEntitled(
      'You are in none of the groups that may log in here.',
      'Ask whoever manages your groups, or an administrator of this service: the groups stand in login of the issuer.',
    )
  }
  const own = groups.includes(wanted) ? login.groups[wanted] : undefined
  const chosen = own && alternatives.find((rights) => holdsAll(rights, own))
  if (chosen) return chosen
  throw notEntitled('You are not in the group that was asked for.', 'Log in without naming a group.')
}

function holdsAll(rights: Rights, own: Rights): boolean {
  const left = cutRights(own, [rights])
  return left !== undefined && left.confinement === own.confinement && scopesOf(own).size === left.scopes.size
}
