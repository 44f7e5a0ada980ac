import type { Clock } from '../core/clock.ts'
import { newId } from '../core/id.ts'
import type { Cause } from '../core/log-entry.ts'
import type { Principal } from '../core/principal.ts'
import { formatInstant } from '../core/time.ts'
import { tokenIssuedEntry } from './entries.ts'
import type { TokenRecord, TokenStore } from './ports.ts'
import { hashToken, hintOf, makeToken } from './token.ts'

type BootstrapStore = Pick<TokenStore, 'findByHash' | 'list' | 'create' | 'revoke' | 'principal' | 'putPrincipal'>

const MADE = 'Made on the first start'
const GIVEN = 'Given by PORTCULLIS_ADMIN_TOKEN'

/**
 * Makes a token for an administrator if there is no token of any kind yet; later starts change nothing. If it was never seen, a given token
 * lets the operator in.
 * @param handOver is given the text, which is nowhere else, before the token counts: if it throws, or the process ends, no token exists that
 *   nobody knows, and the next start makes one
 */
export async function makeFirstToken(store: BootstrapStore, clock: Clock, handOver: (token: string) => void): Promise<void> {
  const { items } = await store.list({}, { limit: 1 })
  if (items.length > 0) return
  const token = makeToken()
  handOver(token)
  await createAdminToken(store, causeAt(clock), token, MADE)
}

/**
 * Adds the token that was given by setting unless it is there, and revokes those that were given earlier: a changed setting replaces the
 * secret. One that was revoked stays revoked, so that an old replica which starts again brings nothing back.
 */
export async function takeGivenToken(store: BootstrapStore, clock: Clock, given: string): Promise<void> {
  const cause = causeAt(clock)
  const known = await store.findByHash(hashToken(given))
  if (known && known.token.revokedAt !== null) return
  const principalId = known?.token.principalId ?? (await createAdminToken(store, cause, given, GIVEN)).principalId
  for await (const token of tokensOf(store, principalId)) {
    // The successor that somebody gave such a token is not the operator's; it is revoked with the token that it replaced.
    const isGiven = token.description === GIVEN && token.issuedWith === null
    if (isGiven && token.hash !== hashToken(given) && token.revokedAt === null) await store.revoke(token.id, cause, false)
  }
}

function causeAt(clock: Clock): Cause {
  return { actor: 'system', at: formatInstant(clock.now()), requestId: undefined }
}

async function createAdminToken(store: BootstrapStore, cause: Cause, token: string, description: string): Promise<TokenRecord> {
  const principal = await adminPrincipal(store, cause)
  const id = newId()
  const record: TokenRecord = {
    id,
    hash: hashToken(token),
    hint: hintOf(token),
    description,
    principalId: principal.id,
    kind: 'token',
    familyId: id,
    issuedWith: null,
    login: null,
    createdBy: 'system',
    issuerIds: ['system'],
    person: 'declared',
    roles: ['admin'],
    scopes: [],
    confinement: {},
    createdAt: cause.at,
    expiresAt: null,
    supersededBy: null,
    overlapUntil: null,
    revokedAt: null,
    lastUsedAt: null,
  }
  try {
    await store.create(record, tokenIssuedEntry(record, cause))
    return record
  } catch (error) {
    // Another replica may have taken the same given token a moment ago.
    const known = await store.findByHash(record.hash)
    if (!known) throw error
    return known.token
  }
}

async function adminPrincipal(store: BootstrapStore, cause: Cause): Promise<Principal> {
  const known = await store.principal('admin')
  if (known) return known
  try {
    const admin = { id: newId(), name: 'admin', kind: 'human', disabled: false, groups: [], createdBy: 'system' } as const
    return (await store.putPrincipal(admin, cause)).principal
  } catch (error) {
    // Another replica that starts at the same time may have been faster.
    const other = await store.principal('admin')
    if (!other) throw error
    return other
  }
}

async function* tokensOf(store: BootstrapStore, principalId: string): AsyncGenerator<TokenRecord> {
  let page = await store.list({ principalId }, { limit: 100 })
  yield* page.items
  while (page.next !== null) {
    page = await store.list({ principalId }, { limit: 100, after: page.next })
    yield* page.items
  }
}
