import { AppError } from '../core/app-error.ts'
import type { ChangeKind } from '../core/change-kind.ts'
import { identityKey, parseIdentity, type IdentityName, type LinkedIdentity } from '../core/linked-identity.ts'
import type { Access, Principal } from '../core/principal.ts'
import { mayDoEverything } from './authorize.ts'
import type { AuthErrorCode } from './errors.ts'
import type { IdentityStore, TokenStore } from './ports.ts'
import { identityTarget } from './targets.ts'

/** An identity that is to be a principal's, or to be so no more. */
export interface IdentityDraft extends IdentityName {
  /** Name or id. */
  principal: string
}

export type IdentityLink = ChangeKind<IdentityDraft, { identity: LinkedIdentity; created: boolean }>
export type IdentityUnlink = ChangeKind<IdentityDraft, boolean>

export interface IdentityChangeParts {
  principals: Pick<TokenStore, 'principal'>
  identities: Pick<IdentityStore, 'holder'>
}

/**
 * Links a login or an address to a principal by the word of whoever asked. Planning it throws `identity_malformed`, `identity_taken`,
 * `principal_unknown`, or `principal_foreign` for who may not do everything.
 */
export function identityLink(parts: IdentityChangeParts): IdentityLink {
  return {
    scope: 'principals:manage',
    target: ({ kind, value }) => identityTarget(parseIdentity(kind, value)),
    async plan(access, draft, { by, cause }) {
      requireEverything(access)
      const { owner, name, before } = await facts(parts, draft)
      const holder = await parts.identities.holder(name)
      if (holder && holder.id !== owner.id) throw taken()
      const identity: LinkedIdentity = { ...name, verifiedBy: 'admin', at: cause.at, by: by.id }
      return {
        summary: `Link ${name.kind} "${name.value}" to "${owner.name}".`,
        before,
        after: { principal: owner.name, ...name, verifiedBy: 'admin' },
        guarded: 'access',
        effect: { operation: 'linkIdentity', args: { principalId: owner.id, identity, cause } },
      }
    },
    resultOf: (outcome) => outcome as { identity: LinkedIdentity; created: boolean },
  }
}

/**
 * Takes an identity from a principal. Planning it throws `identity_malformed`, `principal_unknown`, or `principal_foreign` for who may not do
 * everything; that there is none is only told by carrying it out.
 */
export function identityUnlink(parts: IdentityChangeParts): IdentityUnlink {
  return {
    scope: 'principals:manage',
    target: ({ kind, value }) => identityTarget(parseIdentity(kind, value)),
    async plan(access, draft, { cause }) {
      requireEverything(access)
      const { owner, name, before } = await facts(parts, draft)
      return {
        summary: `Unlink ${name.kind} "${name.value}" from "${owner.name}".`,
        before,
        after: null,
        guarded: before !== null && 'access',
        effect: { operation: 'unlinkIdentity', args: { principalId: owner.id, identity: name, cause } },
      }
    },
    resultOf: (outcome) => outcome === true,
  }
}

async function facts({ principals }: IdentityChangeParts, { principal, kind, value }: IdentityDraft) {
  const name = parseIdentity(kind, value)
  const owner = await principals.principal(principal)
  if (!owner) {
    throw new AppError<AuthErrorCode>('principal_unknown', `There is no principal "${principal.slice(0, 80)}".`, { field: 'path.name' })
  }
  const known = linked(owner, name)
  const before = known ? { principal: owner.name, kind: known.kind, value: known.value, verifiedBy: known.verifiedBy } : null
  return { owner, name, before }
}

function linked({ identities }: Principal, name: IdentityName): LinkedIdentity | undefined {
  const key = identityKey(name)
  return identities.find((identity) => identity.kind === name.kind && identityKey(identity) === key)
}

export function taken(): AppError<AuthErrorCode> {
  return new AppError('identity_taken', 'The identity belongs to another principal.', {
    field: 'path.value',
    remedy: 'Unlink it there first, if it really changed hands.',
  })
}

/** Who is whom decides what everybody may approve. */
function requireEverything(access: Access): void {
  if (mayDoEverything(access)) return
  throw new AppError<AuthErrorCode>('principal_foreign', 'This token may not say which identities are whose.', {
    field: 'header.Authorization',
    remedy: 'Use a token with the role admin that is not confined.',
  })
}
