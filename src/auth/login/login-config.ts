import { durationMs } from '../../core/duration.ts'
import { outboundUrlFault } from '../../core/outbound-url.ts'
import { isPlainFileName } from '../../core/plain-file-name.ts'
import type { Access, Confinement, Role, Scope } from '../../core/principal.ts'
import { mayDoEverything, scopesOf, type Rights } from '../authorize.ts'
import { confinementFault } from '../confinement.ts'
import { isFreeText } from '../../core/free-text.ts'
import { loginInvalid } from './errors.ts'

/** How the service proves to a provider that it is the client (OpenID Connect Core 1.0, section 9). */
export type ClientAuthentication = 'client_secret_basic' | 'client_secret_post' | 'none'

/** How people log in at an issuer of kind `openid`: the part `login` of the issuer, complete. */
export interface LoginConfig {
  clientId: string
  /** Plain name of a file in the directory for issuers' files; null for a public client, which has PKCE alone. */
  clientSecretFile: string | null
  clientAuthentication: ClientAuthentication
  /** What is asked for; `openid` among them. */
  scopes: readonly string[]
  /** Origins besides the issuer's own on which its endpoints may lie. */
  endpointOrigins: readonly string[]
  /** Where the groups are: the name of a claim, or a JSON pointer (RFC 6901) such as `/realm_access/roles`. */
  groupsClaim: string
  /** Groups that aren't in the ID token are asked for at the UserInfo endpoint. */
  userinfo: boolean
  /** The claim that a new principal is named after; null for the verified e-mail address, else `preferred_username`. */
  nameClaim: string | null
  /** A first login may take over a principal that an administrator made under the verified e-mail address. */
  linkByEmail: boolean
  /** What members of a group may do, by the group's exact name. Who is in none of them is not let in. */
  groups: Readonly<Record<string, Rights>>
  /** ISO 8601; how long a session lasts at most. */
  sessionLifetime: string
}

/** The same as an administrator writes it: what is left out gets its default. */
export interface LoginDraft {
  clientId: string
  clientSecretFile?: string | undefined
  clientAuthentication?: ClientAuthentication | undefined
  scopes?: readonly string[] | undefined
  endpointOrigins?: readonly string[] | undefined
  groupsClaim?: string | undefined
  userinfo?: boolean | undefined
  nameClaim?: string | undefined
  linkByEmail?: boolean | undefined
  groups: Readonly<Record<string, GroupDraft>>
  sessionLifetime?: string | undefined
}

interface GroupDraft {
  roles?: readonly Role[] | undefined
  scopes?: readonly Scope[] | undefined
  confinement?: { [List in keyof Confinement]?: Confinement[List] | undefined } | undefined
}

const DEFAULT_SCOPES = ['openid', 'profile', 'email']
const DEFAULT_LIFETIME = 'PT8H'
const MINUTE_MS = 60_000
const MIN_LIFETIME_MS = 5 * MINUTE_MS
const MAX_LIFETIME_MS = 24 * 60 * MINUTE_MS
/** With the issuer before it, each of them can be a group of a principal. */
const MAX_GROUPS = 100
const MAX_GROUP_NAME = 128
/** RFC 6749, section 3.3. */
const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/
const CLAIM = /^[\x21-\x7e]{1,128}$/

/**
 * Reads the login of an issuer. People who log in are proven persons, who count where a second one is needed: only who may do everything
 * anyway can say who that is.
 * @throws {AppError} `login_invalid`
 */
export function readLogin(access: Access, issuer: string, draft: LoginDraft): LoginConfig {
  if (!mayDoEverything(access)) {
    throw loginInvalid('', 'Only the role admin, not confined, may say who can log in.', 'Use such a token, or leave login as it is.')
  }
  if (issuer === 'group') {
    // It would stand before the names of people, and policies write groups so.
    throw loginInvalid('', 'Nobody can log in at an issuer that is called "group".', 'Give the issuer another name.')
  }
  const groups = Object.entries(draft.groups).map(([name, group]) => [name, readGroup(name, group)] as const)
  if (groups.length === 0 || groups.length > MAX_GROUPS) {
    throw loginInvalid('groups', `There are no groups, or more than ${MAX_GROUPS}.`, 'Name the groups whose members may log in.')
  }
  return {
    clientId: readClientId(draft.clientId),
    ...readClientSecret(draft),
    scopes: readScopes(draft.scopes ?? DEFAULT_SCOPES),
    endpointOrigins: (draft.endpointOrigins ?? []).map(readOrigin),
    groupsClaim: readClaim('groupsClaim', draft.groupsClaim ?? 'groups'),
    userinfo: draft.userinfo ?? false,
    nameClaim: draft.nameClaim === undefined ? null : readClaim('nameClaim', draft.nameClaim),
    linkByEmail: draft.linkByEmail ?? false,
    groups: Object.fromEntries(groups),
    sessionLifetime: readLifetime(draft.sessionLifetime ?? DEFAULT_LIFETIME),
  }
}

function readClientId(clientId: string): string {
  if (/^[\x20-\x7e]{1,256}$/.test(clientId)) return clientId
  throw loginInvalid('clientId', 'The client id is not 1 to 256 printable characters.', 'Copy it from the provider.')
}

function readClientSecret({
  clientSecretFile: file,
  clientAuthentication: given,
}: LoginDraft): Pick<LoginConfig, 'clientSecretFile' | 'clientAuthentication'> {
  if (file !== undefined && !isPlainFileName(file)) {
    const remedy = 'Put the file into the directory for issuers’ files, and name it without a path.'
    throw loginInvalid('clientSecretFile', 'This is no plain file name.', remedy)
  }
  const clientAuthentication = given ?? (file === undefined ? 'none' : 'client_secret_basic')
  if ((clientAuthentication === 'none') === (file === undefined)) return { clientSecretFile: file ?? null, clientAuthentication }
  throw loginInvalid(
    'clientAuthentication',
    `"${clientAuthentication}" ${file === undefined ? 'needs a' : 'has no'} secret.`,
    SECRET_REMEDY,
  )
}

const SECRET_REMEDY = 'Name clientSecretFile for client_secret_basic and client_secret_post, and leave it out for none.'

function readScopes(scopes: readonly string[]): string[] {
  const wrong = scopes.find((scope) => !SCOPE_TOKEN.test(scope))
  if (wrong === undefined) return [...new Set(['openid', ...scopes])]
  throw loginInvalid('scopes', 'A scope has characters that none can have.', 'Write each scope as an item of its own.')
}

function readOrigin(text: string): string {
  const url = URL.parse(text)
  if (url?.origin === text && outboundUrlFault(text) === undefined) return text
  throw loginInvalid('endpointOrigins', `"${text.slice(0, 80)}" is no origin.`, 'Write it like https://oauth2.example.com, without a path.')
}

function readClaim(field: 'groupsClaim' | 'nameClaim', name: string): string {
  if (CLAIM.test(name)) return name
  throw loginInvalid(field, 'This is no name of a claim.', 'Use 1 to 128 printable characters without spaces.')
}

function readGroup(name: string, { roles = [], scopes = [], confinement = {} }: GroupDraft): Rights {
  const field = `groups.${name.slice(0, 80)}`
  if (!isFreeText(name, MAX_GROUP_NAME)) {
    throw loginInvalid(
      'groups',
      'A name of a group is empty, too long or has control characters.',
      `Use 1 to ${MAX_GROUP_NAME} characters.`,
    )
  }
  if (scopesOf({ roles, scopes }).size === 0) {
    throw loginInvalid(field, 'The group may do nothing.', 'Name at least one role or scope, or leave the group out.')
  }
  const limits: Confinement = Object.fromEntries(Object.entries(confinement).filter(([, items]) => items !== undefined))
  const fault = confinementFault(limits)
  if (fault) throw loginInvalid(`${field}.confinement.${fault.list}`, fault.message, fault.remedy)
  return { roles: [...new Set(roles)], scopes: [...new Set(scopes)], confinement: limits }
}

function readLifetime(text: string): string {
  const lifetime = durationMs(text)
  if (lifetime !== undefined && lifetime >= MIN_LIFETIME_MS && lifetime <= MAX_LIFETIME_MS) return text
  throw loginInvalid('sessionLifetime', 'Not a duration from 5 minutes to a day.', 'Write it like PT8H.')
}
