import { outdated } from '../../governance/changes/errors.ts'
import type { Digest } from '../../core/digest.ts'
import type { IdempotencyClaim } from '../../core/idempotency.ts'
import type { Cause, EntryDraft } from '../../core/log-entry.ts'
import type { Binding } from '../../policy/model.ts'
import { policyTarget } from '../../policy/targets.ts'
import { activatedEntry, publishedEntry } from '../../policy/versions/entries.ts'
import {
  inUse,
  MAX_POLICIES,
  MAX_VERSIONS,
  nameTaken,
  policyNotFound,
  shippedPolicy,
  tooManyPolicies,
  tooManyVersions,
} from '../../policy/versions/errors.ts'
import type { ActivationRequest } from '../../policy/versions/ports.ts'
import { activationRecord, policyDeletionRecord, policyVersionRecord } from '../../policy/versions/records.ts'
import type { PolicyHead, PolicyVersion } from '../../policy/versions/version.ts'
import { earlierResource, keepClaim } from '../writer/idempotency.ts'
import type { WriteBatch } from '../writer/write-batch.ts'
import { appendWithRecord } from './records.ts'
import { touchTarget } from './targets.ts'

/** A version with its bytes as they are kept: compressed, by digest. */
export interface StoredVersion {
  version: PolicyVersion
  blobs: readonly { digest: Digest; body: Uint8Array }[]
}

/** Keeps a version that somebody uploaded, unless it is there. */
export async function publishPolicy(
  batch: WriteBatch,
  { stored, entry, idempotency }: { stored: StoredVersion; entry: EntryDraft; idempotency: IdempotencyClaim | undefined },
): Promise<{ digest: Digest; created: boolean; repeated: boolean }> {
  const { digest, name } = stored.version.manifest
  const earlier = await earlierResource(batch, idempotency, entry.at)
  if (earlier !== undefined) return { digest: earlier as Digest, created: false, repeated: true }
  const head = await headOf(batch, name)
  if (head?.origin === 'shipped') throw nameTaken(name)
  if (!head) {
    await requireRoom(batch)
    await makeHead(batch, stored.version, null)
  }
  const created = await keepVersion(batch, stored)
  // A policy that was deleted has its versions again, which is worth an entry too.
  if (created || !head) {
    appendWithRecord(batch, entry, policyVersionRecord(stored.version))
    batch.touch('policies')
  }
  keepClaim(batch, idempotency, digest)
  return { digest, created, repeated: false }
}

/** Keeps what this release ships. @returns the names that somebody else's policies have */
export async function registerPolicies(
  batch: WriteBatch,
  { versions, cause }: { versions: readonly StoredVersion[]; cause: Cause },
): Promise<string[]> {
  const taken: string[] = []
  for (const stored of versions) {
    const { name } = stored.version.manifest
    const head = await headOf(batch, name)
    if (head?.origin === 'custom') taken.push(name)
    else await register(batch, stored, head, cause)
  }
  return taken
}

/** An upgrade never changes what a binding runs: `latest` is set only where nothing is yet. */
async function register(batch: WriteBatch, stored: StoredVersion, head: PolicyHead | undefined, cause: Cause): Promise<void> {
  const { version } = stored
  const { name, digest } = version.manifest
  if (await keepVersion(batch, stored)) {
    appendWithRecord(batch, publishedEntry(version, cause), policyVersionRecord(version))
    batch.touch('policies')
  }
  if (head) return
  await makeHead(batch, version, digest)
  const activation = { name, from: null, to: digest, at: cause.at, by: version.createdBy }
  appendWithRecord(batch, activatedEntry(activation, null, cause), activationRecord(activation))
  batch.touch('policies')
}

/**
 * Moves `latest`, if the bindings that follow it are still those whose parameters were found to fit.
 * @returns whether it moved; not if it stands there already
 */
export async function activatePolicy(
  batch: WriteBatch,
  { name, to, by, reason, checked, cause }: ActivationRequest,
): Promise<{ moved: boolean; from: Digest | null }> {
  const head = await headOf(batch, name)
  if (!head || !(await hasVersion(batch, name, to))) throw policyNotFound(head ? 'path.digest' : 'path.name')
  const from = head.latest
  if (from === to) return { moved: false, from }
  const following = (await bindingsOf(batch, name)).filter(({ version }) => version === 'latest')
  const known = new Set(checked.map((binding) => `${binding.name} ${binding.revision}`))
  if (following.length !== known.size || following.some((binding) => !known.has(`${binding.name} ${binding.revision}`))) throw outdated()
  await batch.engine.run('update policies set latest = ?, updated_at = ?, updated_by = ? where name = ?', [to, cause.at, by, name])
  const activation = { name, from, to, at: cause.at, by }
  appendWithRecord(batch, activatedEntry(activation, reason, cause), activationRecord(activation))
  batch.touch('policies')
  await touchTarget(batch, policyTarget(name))
  return { moved: true, from }
}

/** Takes a policy away that no binding names. Its versions stay: decisions were made by them. @returns false if there is none */
export async function removePolicy(batch: WriteBatch, { name, entry }: { name: string; entry: EntryDraft }): Promise<boolean> {
  const head = await headOf(batch, name)
  if (!head) return false
  if (head.origin === 'shipped') throw shippedPolicy(name)
  const users = await bindingsOf(batch, name)
  if (users.length > 0) {
    throw inUse(
      name,
      users.map((binding) => binding.name),
    )
  }
  await batch.engine.run('delete from policies where name = ?', [name])
  appendWithRecord(batch, entry, policyDeletionRecord(name))
  batch.touch('policies')
  await touchTarget(batch, policyTarget(name))
  return true
}

/** What a binding's `version` stands for in this very transaction. @throws {AppError} `change_outdated` if it isn't what it was checked against */
export async function requireRuns(batch: WriteBatch, { pack, version }: Pick<Binding, 'pack' | 'version'>, runs: Digest): Promise<void> {
  const head = await headOf(batch, pack)
  if (!head || (version === 'latest' && head.latest !== runs)) throw outdated()
}

async function headOf({ engine }: WriteBatch, name: string): Promise<PolicyHead | undefined> {
  const row = await engine.kysely.selectFrom('policies').selectAll().where('name', '=', name).executeTakeFirst()
  if (!row) return undefined
  const { origin, latest, created_at, updated_at, updated_by } = row
  return { name, origin, latest: latest as Digest | null, createdAt: created_at, updatedAt: updated_at, updatedBy: updated_by }
}

async function makeHead({ engine }: WriteBatch, { manifest, origin, createdAt, createdBy }: PolicyVersion, latest: Digest | null) {
  const times = { created_at: createdAt, updated_at: createdAt, updated_by: createdBy }
  await engine.kysely
    .insertInto('policies')
    .values({ name: manifest.name, origin, latest, ...times })
    .execute()
}

async function hasVersion({ engine }: WriteBatch, name: string, digest: Digest): Promise<boolean> {
  return (await engine.get('select 1 as found from policy_versions where name = ? and digest = ?', [name, digest])) !== undefined
}

/** @returns false if it is there already */
async function keepVersion(batch: WriteBatch, { version, blobs }: StoredVersion): Promise<boolean> {
  const { name, digest } = version.manifest
  if (await hasVersion(batch, name, digest)) return false
  const row = await batch.engine.get('select count(*) as versions from policy_versions where name = ?', [name])
  if (Number(row?.['versions']) >= MAX_VERSIONS && version.origin === 'custom') throw tooManyVersions(name)
  await batch.engine.run('insert into policy_versions (name, digest, record) values (?, ?, ?)', [name, digest, JSON.stringify(version)])
  for (const blob of blobs) {
    await batch.engine.run('insert into policy_blobs (digest, body) values (?, ?) on conflict do nothing', [blob.digest, blob.body])
  }
  return true
}

async function requireRoom({ engine }: WriteBatch): Promise<void> {
  const row = await engine.get('select count(*) as policies from policies', [])
  if (Number(row?.['policies']) >= MAX_POLICIES) throw tooManyPolicies()
}

async function bindingsOf({ engine }: WriteBatch, pack: string): Promise<Binding[]> {
  const rows = await engine.kysely.selectFrom('bindings').select('record').orderBy('name').execute()
  return rows.map(({ record }) => JSON.parse(record) as Binding).filter((binding) => binding.pack === pack)
}
