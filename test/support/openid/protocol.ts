/** What the provider's process is started with. */
export interface ProviderOptions {
  /** Clients that get workload tokens by client credentials, with the claims that their tokens carry beside the registered ones. */
  workloads?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** Clients at which people log in, as OpenID Connect Dynamic Registration describes them. */
  clients?: readonly Readonly<Record<string, unknown>>[]
  /** People by their login, with the claims of their ID tokens. Anybody else is nobody. */
  accounts?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** Signature algorithm of workload tokens. */
  algorithm?: 'RS256' | 'ES256'
  /** Seconds that a workload token lives. */
  lifetime?: number
}

/** The secret of every workload client. */
export const WORKLOAD_SECRET = 'a secret that only tests know, of some length'

/** What the process is told. `rotate`: a new key signs from now on, those before stay published. `retire`: only the newest stays. */
export type ProviderOrder = { id: number; order: 'rotate' | 'retire' }

/** What the process tells. */
export type ProviderEvent = { issuer: string } | { done: number } | { failed: string }
