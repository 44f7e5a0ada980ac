import { mayDoEverything, scopesOf } from '../../auth/authorize.ts'
import { tokenIssuedEntry } from '../../auth/entries.ts'
import type { AuthErrorCode } from '../../auth/errors.ts'
import { notEntitled, stateInvalid } from '../../auth/login/errors.ts'
import type { ProvenLogin, Standing } from '../../auth/login/ports.ts'
import { tokenRecord } from '../../auth/records.ts'
import { identityTarget } from '../../auth/targets.ts'
import type { TokenRecord } from '../../auth/ports.ts'
import { AppError, isAppError } from '../../core/app-error.ts'
import { newId } from '../../core/id.ts'
import type { IdempotencyClaim } from '../../core/idempotency.ts'
import { identityKey, parseIdentity, type IdentityName, type LinkedIdentity } from '../../core/linked-identity.ts'
import type { Principal } from '../../core/principal.ts'
import { earlierResource, keepClaim } from '../writer/idempotency.ts'
import type { WriteBatch } from '../writer/write-batch.ts'
import { createPrincipal, principalByName, holderOf, keepPrincipal, MAX_IDENTITIES, takeIdentity } from './principals.ts'
import { appendWithRecord } from './records.ts'
import { touchTarget } from './targets.ts'
import { insertToken } from './tokens.ts'

/**
 * Makes or updates the principal of somebody who logged in, notes what it may rest on, and opens the session.
 * @throws {AppError} `login_state_invalid`, `not_entitled` or `identity_taken`; nothing is written then
 */
export async function logIn(batch: WriteBatch, login: ProvenLogin): Promise<Principal> {
  const { session, standing } = login
  const once = claimOf(login)
  if ((await earlierResource(batch, once, session.createdAt)) !== undefined) throw stateInvalid('This login has opened a session before.')
  const known = await principalOf(batch, login)
  if (known) await requireMayLogIn(batch, known, standing)
  const principal = await keepPerson(batch, known, login)
  await keepStanding(batch, principal.id, standing)
  await openSession(batch, principal, login)
  keepClaim(batch, once, session.id)
  return principal
}

/** Sealed states last for minutes only, and so does what is remembered of them. */
function claimOf({ state }: ProvenLogin): IdempotencyClaim {
  const { key, expiresAt } = state
  return { principalId: 'login', method: 'GET', path: '/auth/callback', key, fingerprint: key, expiresAt }
}

/**
 * Whose login it is. Issuer and subject tell, and nothing else: addresses change hands. Only where the issuer's configuration says so can
 * the address lead to a principal that an administrator made for it, once.
 */
async function principalOf(batch: WriteBatch, { standing, email, linkByEmail }: ProvenLogin): Promise<Principal | undefined> {
  const known = await holderOf(batch, subjectOf(standing))
  if (known || !linkByEmail || email === null) return known
  const address = addressOf(email)
  const named = (await principalByName(batch, email)) ?? (address && (await holderOf(batch, address)))
  return named && isMeantFor(named, email) ? named : undefined
}

/** A human that an administrator made, whom nobody logs in as yet. */
function isMeantFor({ name, kind, createdBy, identities }: Principal, email: string): boolean {
  const byAdmin = createdBy !== 'system' && kind === 'human'
  const address = addressOf(email)
  const linked = address && identities.some((identity) => identity.verifiedBy === 'admin' && isSameIdentity(identity, address))
  return byAdmin && (name === email || linked === true) && !identities.some((identity) => identity.kind.startsWith('issuer:'))
}

async function requireMayLogIn(batch: WriteBatch, principal: Principal, { provider, issuer, subject }: Standing): Promise<void> {
  if (principal.disabled) throw notEntitled('You are known here, but disabled.', 'Ask an administrator of this service.')
  if (principal.kind !== 'human') throw notEntitled('This login belongs to a workload.', 'Ask an administrator to link it to a human.')
  const before = await findStanding(batch, principal.id, provider)
  if (!before || before.issuer === issuer) return
  // The same subject of another issuer is another person, unless an administrator said since that it is not.
  const linked = principal.identities.find((identity) => identity.kind === `issuer:${provider}` && identity.value === subject)
  if (linked?.verifiedBy === 'admin' && linked.at > before.at) return
  throw notEntitled(
    'The issuer has another address than when you last logged in, so your login could be somebody else’s.',
    `Ask an administrator to link it again: PUT /v1/principals/${principal.name}/identities/issuer:${provider}/SUBJECT`,
  )
}

async function keepPerson(batch: WriteBatch, known: Principal | undefined, login: ProvenLogin): Promise<Principal> {
  const { session, requestId } = login
  const before = known ?? (await createPrincipal(batch, await newPerson(batch, login)))
  const identities = await withProven(batch, before, login)
  const person = { ...before, groups: groupsOf(before, login.standing), identities }
  // Most logins change nothing, and then there is nothing to tell.
  if (known && JSON.stringify(known) === JSON.stringify(person)) return known
  await keepPrincipal(batch, person, { actor: person.id, at: session.createdAt, requestId })
  return person
}

async function newPerson(batch: WriteBatch, { names }: ProvenLogin): Promise<Principal> {
  const free = []
  for (const name of names) if (!(await principalByName(batch, name))) free.push(name)
  const [name] = free
  if (name === undefined)
    throw notEntitled('Your name is taken here.', 'Ask an administrator to link your login to the principal of that name.')
  return { id: newId(), name, kind: 'human', disabled: false, groups: [], identities: [], createdBy: 'system' }
}

/** Groups of other origin stay as they are. */
function groupsOf({ groups }: Principal, { provider, groups: current }: Standing): string[] {
  const prefix = `${provider}:`
  return [...groups.filter((group) => !group.startsWith(prefix)), ...current.map((group) => prefix + group)]
}

/** The identities of a principal with those that the provider proved now. */
async function withProven(batch: WriteBatch, principal: Principal, login: ProvenLogin): Promise<readonly LinkedIdentity[]> {
  const { standing, email, session } = login
  const address = email === null ? undefined : addressOf(email)
  const proven = [subjectOf(standing), ...(address ? [address] : [])]
  const missing = proven.filter((one) => !principal.identities.some((other) => isSameIdentity(one, other)))
  const fitting = missing.slice(0, Math.max(0, MAX_IDENTITIES - principal.identities.length))
  for (const name of fitting) {
    await takeProven(batch, principal, name, standing)
    await touchTarget(batch, identityTarget(name))
  }
  const proof = { verifiedBy: 'provider', at: session.createdAt, by: standing.provider } as const
  return [...principal.identities, ...fitting.map((name) => ({ ...name, ...proof }))]
}

/** One person with two principals could approve their own request: whose the address is must be settled first. */
async function takeProven(batch: WriteBatch, principal: Principal, name: IdentityName, { provider, subject }: Standing): Promise<void> {
  const holder = await holderOf(batch, name)
  if (!holder) return takeIdentity(batch, principal, name)
  throw new AppError<AuthErrorCode>('identity_taken', 'Your e-mail address belongs to another principal here.', {
    remedy: `Ask an administrator to link your login to it (PUT /v1/principals/NAME/identities/issuer:${provider}/${encodeURIComponent(subject)}), or to unlink the address there.`,
  })
}

function isSameIdentity(one: IdentityName, other: IdentityName): boolean {
  return one.kind === other.kind && identityKey(one) === identityKey(other)
}

function subjectOf({ provider, subject }: Standing): IdentityName {
  return parseIdentity(`issuer:${provider}`, subject)
}

/** Addresses that can't be linked, such as those outside ASCII, prove nothing. */
function addressOf(email: string): IdentityName | undefined {
  try {
    return parseIdentity('email', email)
  } catch (error) {
    if (isAppError(error) && error.code === 'identity_malformed') return undefined
    throw error
  }
}

async function openSession(batch: WriteBatch, principal: Principal, { session, address, requestId }: ProvenLogin): Promise<void> {
  const { id, hash, hint, login, rights, createdAt, expiresAt } = session
  const token: TokenRecord = {
    id,
    hash,
    hint,
    description: `Login at ${login}`,
    principalId: principal.id,
    kind: 'session',
    login,
    familyId: id,
    issuedWith: null,
    createdBy: principal.id,
    // Nobody else ever had it in hand.
    issuerIds: [],
    person: 'proven',
    ...rights,
    createdAt,
    expiresAt,
    supersededBy: null,
    overlapUntil: null,
    revokedAt: null,
    lastUsedAt: null,
  }
  await insertToken(batch, token)
  const entry = tokenIssuedEntry(token, { actor: principal.id, at: createdAt, requestId })
  appendWithRecord(batch, { ...entry, detail: { ...entry.detail, address } }, tokenRecord(token))
}

async function findStanding(batch: WriteBatch, principalId: string, provider: string): Promise<Standing | undefined> {
  const row = await batch.engine.get('select record from logins where principal_id = ? and provider = ?', [principalId, provider])
  return row && (JSON.parse(String(row['record'])) as Standing)
}

async function keepStanding(batch: WriteBatch, principalId: string, standing: Standing): Promise<void> {
  await batch.engine.run(
    `insert into logins (principal_id, provider, record) values (?, ?, ?)
      on conflict (principal_id, provider) do update set record = excluded.record`,
    [principalId, standing.provider, JSON.stringify(standing)],
  )
  await noteAdministrator(batch, principalId)
}

/** Whoever may do everything by a login counts as an administrator from then on (see `auth/second-person.ts`). */
async function noteAdministrator(batch: WriteBatch, principalId: string): Promise<void> {
  const rows = await batch.engine.kysely.selectFrom('logins').select('record').where('principal_id', '=', principalId).execute()
  const standings = rows.map(({ record }) => JSON.parse(record) as Standing)
  const last =
    standings
      .filter(givesEverything)
      .map(({ at }) => at)
      .sort()
      .at(-1) ?? null
  await batch.engine.kysely.updateTable('principals').set({ admin_login_at: last }).where('id', '=', principalId).execute()
}

function givesEverything({ rights }: Standing): boolean {
  return rights.some((each) => mayDoEverything({ scopes: scopesOf(each), confinement: each.confinement }))
}

/** Keeps a secret that the service made for itself, unless there is one. */
export async function keepSecret(batch: WriteBatch, { name, value }: { name: string; value: string }): Promise<void> {
  await batch.engine.run('insert into settings (name, value) values (?, ?) on conflict (name) do nothing', [name, value])
}
