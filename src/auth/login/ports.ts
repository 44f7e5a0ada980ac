import type { Principal } from '../../core/principal.ts'
import type { Rights } from '../authorize.ts'
import type { IssuerFiles, JsonFetcher } from '../jwt/ports.ts'
import type { JwtIssuer } from '../jwt/model.ts'
import type { LoginConfig } from './login-config.ts'

/** An issuer at which people can log in. */
export interface LoginProvider extends Pick<JwtIssuer, 'name' | 'issuer' | 'algorithms' | 'keys' | 'clockSkewMs'> {
  login: LoginConfig
}

/** The issuers at which people can log in. Reads see every committed write. */
export interface LoginProviders {
  /** Another number after each committed change of an issuer. */
  revision(): Promise<number>
  /** All of them; they are few. */
  all(): Promise<readonly LoginProvider[]>
}

/** What a provider answered to a form. */
export interface FormAnswer {
  status: number
  body: unknown
}

/** Speaks to providers: over https only, without following redirects, bounded in size and time. */
export interface ProviderClient extends JsonFetcher {
  /** @throws whatever prevented it; the message may be logged */
  fetchJson(url: string, authorization?: string): Promise<unknown>
  /** @throws whatever prevented it; neither the form nor the header is in the message */
  postForm(url: string, form: Readonly<Record<string, string>>, authorization?: string): Promise<FormAnswer>
}

/** Where secrets of clients lie. */
export type SecretFiles = IssuerFiles

/** What somebody's groups at a provider were when they last logged in there: what sessions and personal tokens rest on. */
export interface Standing {
  /** Name of the issuer. */
  provider: string
  /** Its `iss` at that time. */
  issuer: string
  subject: string
  /** Those that meant something here. */
  groups: readonly string[]
  /** What they allowed then. */
  rights: readonly Rights[]
  /** RFC 3339. */
  at: string
}

/** A session that is to be opened for whoever the person turns out to be. */
export interface SessionDraft {
  id: string
  /** SHA-256 of the text, hex. */
  hash: string
  hint: string
  /** Name of the issuer. */
  login: string
  rights: Rights
  createdAt: string
  expiresAt: string
}

/** A person who was proven, with everything that a login changes. */
export interface ProvenLogin {
  standing: Standing
  /** Verified by the provider. */
  email: string | null
  /** A principal that is called like the e-mail address may be taken over, unless somebody logs in as it already. */
  linkByEmail: boolean
  /** What a new principal may be called, best first. */
  names: readonly string[]
  session: SessionDraft
  /** The login that the browser began, which opens one session. */
  state: { key: string; expiresAt: number }
  /** Network address of the browser. */
  address: string
  requestId: string
}

/** Keeps who logged in, and what it takes to log in. */
export interface LoginStore {
  /** The key that logins in progress are sealed with: the same on every replica, made on first use. */
  stateKey(): Promise<Uint8Array>
  /**
   * Makes or updates the principal, notes its standing and opens the session, in one transaction.
   * @throws {AppError} `login_state_invalid` if that login opened a session before, `not_entitled` if the principal is disabled, `identity_taken`
   */
  logIn(login: ProvenLogin): Promise<Principal>
  standing(principalId: string, provider: string): Promise<Standing | undefined>
}
