import { AppError } from '../core/app-error.ts'
import { repositoryGlobWithin } from '../core/glob-within.ts'
import { ROLES, SCOPES, type Access, type Confinement, type Principal, type Role, type Scope } from '../core/principal.ts'
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

/** True for whoever may do everything everywhere, as with the role `admin`. */
export function mayDoEverything({ scopes, confinement }: Pick<Access, 'scopes' | 'confinement'>): boolean {
  return SCOPES.every((scope) => scopes.has(scope)) && !isConfined(confinement)
}

/**
 * A token speaks for its principal: to whoever names principals in a policy its evidence is theirs. So who may not do everything can issue
 * tokens only for itself, and for workloads that it made.
 * @throws {AppError} `principal_foreign`
 */
export function requireMayActFor(access: Access, principal: Principal): void {
  const own = principal.kind === 'workload' && principal.createdBy === access.principal.id
  if (principal.id === access.principal.id || own || mayDoEverything(access)) return
  throw new AppError<AuthErrorCode>('principal_foreign', `This token may not act for the principal "${principal.name}".`, {
    field: 'body.principal',
    remedy: 'Name yourself or a workload that you made, or use a token with the role admin that is not confined.',
  })
}

/**
 * For what concerns everybody, such as the whole log: a confined token cannot be shown its own part of it.
 * @throws {AppError} `outside_confinement`
 */
export function requireUnconfined(access: Access): void {
  if (isConfined(access.confinement)) {
    throw new AppError<AuthErrorCode>('outside_confinement', 'This concerns everything, and the token is confined.', {
      field: 'header.Authorization',
      remedy: 'Use a token without confinement.',
    })
  }
}

function isConfined({ repositories, environments, stages }: Confinement): boolean {
  return (repositories ?? environments ?? stages) !== undefined
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
