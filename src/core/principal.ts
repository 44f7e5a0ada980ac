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
  'audit:read',
  'audit:export',
  'admission:review',
  'inventory:report',
  'tokens:manage',
  'principals:manage',
  'issuers:manage',
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
    'evidence:read',
    'decisions:read',
    'deployments:read',
  ],
  auditor: ['evidence:read', 'decisions:read', 'deployments:read', 'policies:read', 'audit:read', 'audit:export', 'metrics:read'],
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
  groups: readonly string[]
  /** Verified logins and e-mail addresses. */
  logins: readonly string[]
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

/** Who asks, and what that token may do: the result of authentication. */
export interface Access {
  principal: Principal
  tokenId: string
  /** Id of the principal who issued the token, and so saw its text: counts as its owner too. `system` for a token that a start made. */
  issuerId: string
  scopes: ReadonlySet<Scope>
  confinement: Confinement
}
