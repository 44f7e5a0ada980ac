import { AppError } from '../core/app-error.ts'
import { repositoryGlobWithin } from '../core/glob-within.ts'
import { ROLES, type Access, type Confinement, type Role, type Scope } from '../core/principal.ts'
import type { AuthErrorCode } from './errors.ts'

/** What a token may do and where. */
export interface Rights {
  roles: readonly Role[]
  scopes: readonly Scope[]
  confinement: Confinement
}

/** Every scope that roles and single scopes give together. */
export function scopesOf({ roles, scopes }: Pick<Rights, 'roles' | 'scopes'>): ReadonlySet<Scope> {
  return new Set([...roles.flatMap((role): readonly Scope[] => ROLES[role]), ...scopes])
}

/**
 * Nobody hands on more than they have: neither a scope nor a place.
 * @throws {AppError} `scope_missing` or `outside_confinement`
 */
export function requireRightsWithin(access: Access, rights: Rights): void {
  const missing = [...scopesOf(rights)].filter((scope) => !access.scopes.has(scope))
  if (missing.length > 0) {
    throw new AppError<AuthErrorCode>('scope_missing', `A token can give or manage no more than it may do itself: ${missing.join(', ')}.`, {
      remedy: 'Use a token that has these scopes, or leave them out of the one to be issued.',
    })
  }
  requireConfinementWithin(access, rights.confinement)
}

/**
 * For what concerns everybody, such as the whole log: a confined token cannot be shown its own part of it.
 * @throws {AppError} `outside_confinement`
 */
export function requireUnconfined(access: Access): void {
  const { repositories, environments, stages } = access.confinement
  if (repositories ?? environments ?? stages) {
    throw new AppError<AuthErrorCode>('outside_confinement', 'This concerns everything, and the token is confined.', {
      field: 'header.Authorization',
      remedy: 'Use a token without confinement.',
    })
  }
}

function requireConfinementWithin({ confinement: own }: Access, inner: Confinement): void {
  requireListWithin('repositories', inner.repositories, own.repositories, repositoryGlobWithin)
  requireListWithin('environments', inner.environments, own.environments, (a, b) => a === b)
  requireListWithin('stages', inner.stages, own.stages, (a, b) => a === b)
}

/** An absent list does not limit, so under a limit it is too much. */
function requireListWithin(
  name: keyof Confinement,
  inner: readonly string[] | undefined,
  own: readonly string[] | undefined,
  within: (inner: string, outer: string) => boolean,
): void {
  if (!own || inner?.every((item) => own.some((outer) => within(item, outer)))) return
  throw new AppError<AuthErrorCode>('outside_confinement', `The ${name} reach beyond those of the token that asks.`, {
    remedy: `That one is confined to: ${own.slice(0, 10).join(', ')}.`,
  })
}
