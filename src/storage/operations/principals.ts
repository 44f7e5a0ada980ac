import { principalChangedEntry } from '../../auth/entries.ts'
import { taken } from '../../auth/identity-changes.ts'
import { identityTarget, principalTarget } from '../../auth/targets.ts'
import type { AuthErrorCode } from '../../auth/errors.ts'
import type { PrincipalFields } from '../../auth/ports.ts'
import { principalRecord } from '../../auth/records.ts'
import { AppError } from '../../core/app-error.ts'
import { isFreeText } from '../../core/free-text.ts'
import { identityKey, type IdentityName, type LinkedIdentity } from '../../core/linked-identity.ts'
import type { Cause } from '../../core/log-entry.ts'
import type { Principal } from '../../core/principal.ts'
import type { StorageErrorCode } from '../errors.ts'
import type { WriteBatch } from '../writer/write-batch.ts'
import { appendWithRecord } from './records.ts'
import { touchTarget } from './targets.ts'

/** Creates or replaces what an admin says of a principal. */
export async function putPrincipal(batch: WriteBatch, { principal: fields, cause }: { principal: PrincipalFields; cause: Cause }) {
  const { id, name } = fields
  const namesake = await batch.engine.kysely
    .selectFrom('principals')
    .select('id')
    .where('name', '=', name)
    .where('id', '!=', id)
    .executeTakeFirst()
  if (namesake) {
    throw new AppError<StorageErrorCode>('principal_name_taken', 'Another principal has this name.', {
      field: 'body.name',
      remedy: 'Choose another name.',
    })
  }
  const known = await principalById(batch, id)
  const principal: Principal = { ...fields, identities: known?.identities ?? [] }
  if (!known) await createPrincipal(batch, principal)
  await keepPrincipal(batch, principal, cause)
  await touchTarget(batch, principalTarget(principal))
  return { principal, created: known === undefined }
}

/** Inserts the row of a principal; its log entry comes with `keepPrincipal`. */
export async function createPrincipal(batch: WriteBatch, principal: Principal): Promise<Principal> {
  const { id, name } = principal
  await batch.engine.kysely
    .insertInto('principals')
    .values({ id, name, record: JSON.stringify(principal) })
    .execute()
  return principal
}

export const MAX_IDENTITIES = 100

/** Gives an identity to a principal, and to nobody else. */
export async function linkIdentity(
  batch: WriteBatch,
  { principalId, identity, cause }: { principalId: string; identity: LinkedIdentity; cause: Cause },
): Promise<{ identity: LinkedIdentity; created: boolean }> {
  const principal = await knownPrincipal(batch, principalId)
  const others = withoutIdentity(principal, identity)
  const created = others.length === principal.identities.length
  if (others.length >= MAX_IDENTITIES) {
    throw new AppError<AuthErrorCode>('identities_too_many', `A principal has at most ${MAX_IDENTITIES} identities.`, {
      field: 'path.name',
      remedy: 'Unlink those that are no longer used.',
    })
  }
  if (created) await takeIdentity(batch, principal, identity)
  const linked = { ...principal, identities: [...others, identity] }
  await keepPrincipal(batch, linked, cause)
  await touchTarget(batch, identityTarget(identity))
  return { identity, created }
}

/** @returns false if the principal has no such identity */
export async function unlinkIdentity(
  batch: WriteBatch,
  { principalId, identity, cause }: { principalId: string; identity: IdentityName; cause: Cause },
): Promise<boolean> {
  const principal = await knownPrincipal(batch, principalId)
  const identities = withoutIdentity(principal, identity)
  if (identities.length === principal.identities.length) return false
  const { kind } = identity
  await batch.engine.kysely.deleteFrom('identities').where('kind', '=', kind).where('key', '=', identityKey(identity)).execute()
  await keepPrincipal(batch, { ...principal, identities }, cause)
  await touchTarget(batch, identityTarget(identity))
  return true
}

/** @throws {AppError} `identity_taken` */
export async function takeIdentity(batch: WriteBatch, { id }: Principal, identity: IdentityName): Promise<void> {
  const { kysely } = batch.engine
  const { kind } = identity
  const key = identityKey(identity)
  const known = await kysely
    .selectFrom('identities')
    .select('principal_id')
    .where('kind', '=', kind)
    .where('key', '=', key)
    .executeTakeFirst()
  if (known) throw taken()
  await kysely.insertInto('identities').values({ kind, key, principal_id: id }).execute()
}

function withoutIdentity({ identities }: Principal, unwanted: IdentityName): LinkedIdentity[] {
  const key = identityKey(unwanted)
  return identities.filter((identity) => identity.kind !== unwanted.kind || identityKey(identity) !== key)
}

async function knownPrincipal(batch: WriteBatch, id: string): Promise<Principal> {
  const principal = await principalById(batch, id)
  if (principal) return principal
  throw new AppError<AuthErrorCode>('principal_unknown', 'There is no such principal.', { field: 'path.name' })
}

async function principalById(batch: WriteBatch, id: string): Promise<Principal | undefined> {
  const row = await batch.engine.kysely.selectFrom('principals').select('record').where('id', '=', id).executeTakeFirst()
  return row && (JSON.parse(row.record) as Principal)
}

export async function principalByName(batch: WriteBatch, name: string): Promise<Principal | undefined> {
  const row = await batch.engine.kysely.selectFrom('principals').select('record').where('name', '=', name).executeTakeFirst()
  return row && (JSON.parse(row.record) as Principal)
}

/** The principal whose identity it is. */
export async function holderOf(batch: WriteBatch, identity: IdentityName): Promise<Principal | undefined> {
  const row = await batch.engine.get(
    'select p.record from identities i join principals p on p.id = i.principal_id where i.kind = ? and i.key = ?',
    [identity.kind, identityKey(identity)],
  )
  return row && (JSON.parse(String(row['record'])) as Principal)
}

/** Replaces the record of a principal, and tells the log. */
export async function keepPrincipal(batch: WriteBatch, principal: Principal, cause: Cause): Promise<void> {
  const { id, name } = principal
  await batch.engine.kysely
    .updateTable('principals')
    .set({ name, record: JSON.stringify(principal) })
    .where('id', '=', id)
    .execute()
  await keepGroups(batch, principal)
  appendWithRecord(batch, principalChangedEntry(principal, cause), principalRecord(principal))
  batch.touch('tokens')
}

const MAX_GROUP = 200

/** Providers may tell of groups of any kind; only those that a team can name are looked for. */
async function keepGroups({ engine: { kysely } }: WriteBatch, { id, groups }: Principal): Promise<void> {
  const names = [...new Set(groups)].filter((name) => isFreeText(name, MAX_GROUP))
  await kysely.deleteFrom('principal_groups').where('principal_id', '=', id).execute()
  if (names.length === 0) return
  await kysely
    .insertInto('principal_groups')
    .values(names.map((name) => ({ name, principal_id: id })))
    .execute()
}
