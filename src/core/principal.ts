import type { LinkedIdentity } from './linked-identity.ts'
import type { WorkloadIdentity } from './workload-identity.ts'

/** Everything a token can be allowed to do; each operation of openapi.yaml names the one that it needs. */
export const SCOPES = [
  'evidence:submit',
  'evidence:read',
  'decisions:ask',
  'decisions:read',
  'subjects:link',
  'deployments:report',
  'deployments:read',
  'waivers:request',
  'waivers:approve',
  'approvals:request',
  'approvals:approve',
  'reviews:close',
  'policies:read',
  'policies:write',
  'bindings:write',
  'windows:write',
  'projects:write',
  'audit:read',
  'audit:export',
  'admission:review',
  'inventory:report',
  'tokens:manage',
  'principals:manage',
  'issuers:manage',
  'changes:read',
  'changes:decide',
  'metrics:read',
  'signatures:create',
  'breakglass:use',
] as const

export type Scope = (typeof SCOPES)[number]

/** Roles are named sets of scopes; `signatures:create` and `breakglass:use` are in none but `admin`. */
export const ROLES = {
  pipeline: [
    'evidence:submit',
    'evidence:read',
    'decisions:ask',
    'decisions:read',
    'subjects:link',
    'deployments:report',
    'deployments:read',
    'waivers:request',
    'approvals:request',
    'policies:read',
  ],
  approver: [
    'waivers:approve',
    'approvals:approve',
    'reviews:close',
    'evidence:read',
    'decisions:read',
    'deployments:read',
    'policies:read',
  ],
  'policy-admin': [
    'policies:read',
    'policies:write',
    'bindings:write',
    'windows:write',
    'projects:write',
    'evidence:read',
    'decisions:read',
    'deployments:read',
  ],
  auditor: [
    'evidence:read',
    'decisions:read',
    'deployments:read',
    'policies:read',
    'audit:read',
    'audit:export',
    'changes:read',
    'metrics:read',
  ],
  admission: ['admission:review', 'inventory:report'],
  admin: SCOPES,
} as const satisfies Record<string, readonly Scope[]>

export type Role = keyof typeof ROLES

/** A human or a workload. */
export interface Principal {
  id: string
  /** Unique, chosen by an administrator; what policies and `from` name. */
  name: string
  kind: 'human' | 'workload'
  /** Nobody acts for it any more: whatever it has is refused. */
  disabled: boolean
  groups: readonly string[]
  /** Addresses and logins elsewhere that are known to be its own. */
  identities: readonly LinkedIdentity[]
  /** Id of the principal who made it; `system` for the service itself. */
  createdBy: string
}

/** What a token is limited to; an absent list does not limit. */
export interface Confinement {
  /** Repository globs (see `glob.ts`). */
  repositories?: readonly string[]
  environments?: readonly string[]
  stages?: readonly string[]
}

/** What a request proved itself with. */
export interface Credential {
  kind: 'token' | 'session' | 'workload' | 'certificate'
  /** Of a token or session its id; else what it was accepted by: `ISSUER/RULE`. */
  id: string
}

/** A credential as records and logs name it: never its text. */
export function credentialName({ kind, id }: Credential): string {
  return `${kind}:${id}`
}

/** Who asks, and what that credential may do: the result of authentication. */
export interface Access {
  principal: Principal
  credential: Credential
  /**
   * Ids of the principals through whose hands the credential went: who issued it, who issued the one that it was issued with, and so on. They
   * saw its text, or could have, and count as its owners too. `system` stands for the service's own start.
   */
  issuerIds: readonly string[]
  /**
   * How it is known that a human acts: `proven` by a login at an identity provider, or by a personal token that was made in such a login;
   * `declared` by whoever handed out the token. Null for workloads.
   */
  person: 'proven' | 'declared' | null
  /** What the issuer of a workload's token says about it; null for everybody else. */
  identity: WorkloadIdentity | null
  scopes: ReadonlySet<Scope>
  confinement: Confinement
  /** When the credential ends, in milliseconds since the epoch; null if it doesn't. What is issued with it lasts no longer. */
  expiresAt: number | null
}

/** Whoever could have sent what was sent with this access: the principal, and everybody through whose hands the credential went. */
export function ownersOf({ principal, issuerIds }: Owned): readonly string[] {
  return [...new Set([principal.id, ...issuerIds])]
}

/** A credential as far as it matters who could have used it. */
export interface Owned {
  principal: { readonly id: string }
  issuerIds: readonly string[]
}

/**
 * True if two people stand behind two credentials, as far as can be told: neither principal is among the owners of the other's credential,
 * and nobody could have used both. Only whoever began with the service's own first token may have handed out both, since somebody has to;
 * nothing but a login can prove more (see `Access.person`).
 */
export function areIndependent(one: Owned, other: Owned): boolean {
  const others = ownersOf(other)
  if (others.includes(one.principal.id) || ownersOf(one).includes(other.principal.id)) return false
  const founder = founderOf(one)
  return ownersOf(one).every((owner) => !others.includes(owner) || owner === 'system' || (owner === founder && owner === founderOf(other)))
}

/** Who had the token that the service itself made, as the first of those through whose hands a credential went. */
function founderOf({ issuerIds }: Owned): string | undefined {
  return issuerIds[issuerIds.indexOf('system') - 1]
}
