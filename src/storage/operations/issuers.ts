import type { Issuer } from '../../auth/issuers/model.ts'
import { requirePlaceFor } from '../../auth/issuers/place.ts'
import { issuerRecord, issuerRemovalRecord } from '../../auth/issuers/records.ts'
import { issuerTarget } from '../../auth/targets.ts'
import type { EntryDraft } from '../../core/log-entry.ts'
import type { WriteBatch } from '../writer/write-batch.ts'
import { appendWithRecord } from './records.ts'
import { putRevised, removeRevised } from './revised.ts'
import { touchTarget } from './targets.ts'

/** Creates or replaces an issuer, unless another has its address. Writers take turns, so none can come between. */
export async function putIssuer(
  batch: WriteBatch,
  { issuer, entry }: { issuer: Omit<Issuer, 'revision'>; entry: EntryDraft },
): Promise<{ issuer: Issuer; created: boolean }> {
  const rows = await batch.engine.kysely.selectFrom('issuers').select('record').execute()
  requirePlaceFor(
    issuer,
    rows.map(({ record }) => JSON.parse(record) as Issuer),
  )
  const { kept, created } = await putRevised(batch, 'issuer', issuer, entry.at)
  appendWithRecord(batch, entry, issuerRecord(issuer))
  await touchAll(batch, issuer.name)
  return { issuer: kept, created }
}

/** @returns false if there is none of that name */
export async function removeIssuer(batch: WriteBatch, { name, entry }: { name: string; entry: EntryDraft }): Promise<boolean> {
  if (!(await removeRevised(batch, 'issuer', name, entry.at))) return false
  appendWithRecord(batch, entry, issuerRemovalRecord(name))
  await touchAll(batch, name)
  return true
}

/** What groups mean at an issuer is part of what sessions and personal tokens are remembered with. */
async function touchAll(batch: WriteBatch, name: string): Promise<void> {
  batch.touch('issuers')
  batch.touch('tokens')
  await touchTarget(batch, issuerTarget(name))
}
