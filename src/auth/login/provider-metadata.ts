import type { Clock } from '../../core/clock.ts'
import { outboundUrlFault } from '../../core/outbound-url.ts'
import { discoveryUrl } from '../jwt/load-keys.ts'
import type { LoginProvider, ProviderClient } from './ports.ts'

/** Where a provider does what (OpenID Connect Discovery 1.0, section 3). */
export interface ProviderMetadata {
  authorizationEndpoint: string
  tokenEndpoint: string
  userinfoEndpoint: string | undefined
  /** It says in its answers who it is (RFC 9207), so that one without that is not from it. */
  statesIssuer: boolean
}

/**
 * Reads what a provider says of itself. It must name itself the issuer, and point to its own origin or to configured ones only.
 * @throws {Error} saying what is wrong; to be logged
 */
export function readMetadata(document: unknown, { issuer, login }: Pick<LoginProvider, 'issuer' | 'login'>): ProviderMetadata {
  if (typeof document !== 'object' || document === null) throw new Error('its configuration is no object')
  const fields = document as Readonly<Record<string, unknown>>
  if (fields['issuer'] !== issuer) throw new Error('its configuration names another issuer')
  const origins = [new URL(issuer).origin, ...login.endpointOrigins]
  const endpoint = (name: string): string => readEndpoint(name, fields[name], origins)
  return {
    authorizationEndpoint: endpoint('authorization_endpoint'),
    tokenEndpoint: endpoint('token_endpoint'),
    userinfoEndpoint: login.userinfo ? endpoint('userinfo_endpoint') : undefined,
    statesIssuer: fields['authorization_response_iss_parameter_supported'] === true,
  }
}

function readEndpoint(name: string, value: unknown, origins: readonly string[]): string {
  if (typeof value !== 'string') throw new Error(`its configuration has no ${name}`)
  const fault = outboundUrlFault(value)
  if (fault !== undefined) throw new Error(`its ${name} ${fault}`)
  if (!origins.includes(new URL(value).origin)) throw new Error(`its ${name} is on another origin, which is not among endpointOrigins`)
  return value
}

const KEEP_MS = 10 * 60_000
/** Anybody can begin a login: a provider that fails is left alone for so long. */
const REST_MS = 5000

interface Kept {
  key: string
  metadata: Promise<ProviderMetadata>
  until: number
}

/** What providers say of themselves, asked for now and then. */
export class MetadataCache {
  readonly #client: Pick<ProviderClient, 'fetchJson'>
  readonly #clock: Clock
  #kept = new Map<string, Kept>()

  constructor(client: Pick<ProviderClient, 'fetchJson'>, clock: Clock) {
    this.#client = client
    this.#clock = clock
  }

  /** @throws {Error} why it can't be had; to be logged */
  of(provider: Pick<LoginProvider, 'name' | 'issuer' | 'login'>): Promise<ProviderMetadata> {
    const { name, issuer, login } = provider
    // A change of the configuration asks anew; the entry of before goes with it.
    const key = JSON.stringify([issuer, login.endpointOrigins, login.userinfo])
    const known = this.#kept.get(name)
    if (known?.key === key && this.#clock.now() < known.until) return known.metadata
    const kept = { key, metadata: this.#ask(provider), until: this.#clock.now() + KEEP_MS }
    kept.metadata.catch(() => (kept.until = this.#clock.now() + REST_MS))
    this.#kept.set(name, kept)
    return kept.metadata
  }

  async #ask(provider: Pick<LoginProvider, 'issuer' | 'login'>): Promise<ProviderMetadata> {
    return readMetadata(await this.#client.fetchJson(discoveryUrl(provider.issuer)), provider)
  }
}
