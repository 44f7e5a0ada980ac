import type { Link } from '../../evidence/evidence.ts'
import { BULK } from './bulk-table.ts'
import type { WriteBatch } from './write-batch.ts'

const EXISTS = 'select 1 as found from links where from_id = ? and to_id = ? and kind = ? and proof = ?'

/** Writes a link unless it exists: a proven one whoever brought it, a declared one from the same declarer for the same repositories. */
export async function addLink(batch: WriteBatch, link: Link): Promise<void> {
  const { from, to, kind, proof, platform, declaredBy, declarerGroups, at } = link
  const scope = JSON.stringify(link.repositories)
  const declared = proof === 'declared'
  const identity = [from, to, kind, proof, ...(declared ? [declaredBy, scope] : [])]
  const key = JSON.stringify(identity)
  if (batch.pending(BULK.links, key)) return
  if (await batch.engine.get(declared ? `${EXISTS} and declared_by = ? and scope = ?` : EXISTS, identity)) return
  batch.put(BULK.links, key, [from, to, kind, proof, platform, declaredBy, JSON.stringify(declarerGroups), scope, at])
  batch.touch('evidence')
}
