import { AppError } from '../core/app-error.ts'
import { ROLES, SCOPES, type Access, type Confinement, type Principal, type Role, type Scope } from '../core/principal.ts'
import { formatInstant, parseInstant } from '../core/time.ts'
import { CONFINED_LISTS, listWithin } from './confinement.ts'
import type { AuthErrorCode } from './errors.ts'
import type { TokenRecord } from './ports.ts'

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

/** @throws {AppError} `scope_missing` */
export function requireScope({ scopes }: Access, scope: Scope): void {
  if (scopes.has(scope)) return
  throw new AppError<AuthErrorCode>('scope_missing', `This needs the scope ${scope}, which the token does not have.`, {
    field: 'header.Authorization',
    remedy: `Use a token with ${scope}; whoever has tokens:manage can issue one.`,
  })
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
 * Nor for longer than they have it.
 * @param end RFC 3339; null for a token without end
 * @throws {AppError} `token_outlives`
 */
export function requireEndWithin({ expiresAt: own }: Access, end: string | null): void {
  // A time that cannot be read counts as the latest of all.
  if (own === null || (end !== null && (parseInstant(end) ?? Number.POSITIVE_INFINITY) <= own)) return
  throw new AppError<AuthErrorCode>(
    'token_outlives',
    `What the request was sent with ends at ${formatInstant(own)}; the token would outlive it.`,
    {
      remedy: 'Choose an earlier end, or use a token that lasts longer.',
    },
  )
}

/** True for a token of the asker's own principal, as far as the confinement of what was sent reaches. */
export function isOwnToken(access: Access, token: TokenRecord): boolean {
  return token.principalId === access.principal.id && beyondConfinement(access, token.confinement) === undefined
}

/** True for whoever may do everything everywhere, as with the role `admin`. */
export function mayDoEverything({ scopes, confinement }: Pick<Access, 'scopes' | 'confinement'>): boolean {
  return SCOPES.every((scope) => scopes.has(scope)) && !isConfined(confinement)
}

/**
 * A token speaks for its principal: to whoever names principals in a policy its evidence is theirs. So who may not do everything can issue
 * tokens only for itself, and for workloads that it made. A job of a pipeline, known by its issuer's word alone, only for itself.
 * @throws {AppError} `principal_foreign`
 */
export function requireMayActFor(access: Access, principal: Principal): void {
  if (principal.id === access.principal.id) return
  const made = principal.kind === 'workload' && principal.createdBy === access.principal.id
  if (access.credential.kind !== 'workload' && (made || mayDoEverything(access))) return
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

function requireConfinementWithin(access: Access, inner: Confinement): void {
  const name = beyondConfinement(access, inner)
  if (name === undefined) return
  throw new AppError<AuthErrorCode>('outside_confinement', `The ${name} reach beyond those of the token that asks.`, {
    remedy: `That one is confined to: ${access.confinement[name]?.slice(0, 10).join(', ')}.`,
  })
}

/** The first list that reaches beyond the asker's own. */
function beyondConfinement({ confinement: own }: Access, inner: Confinement): keyof Confinement | undefined {
  return CONFINED_LISTS.find((list) => !listWithin(list, inner[list], own[list]))
}
