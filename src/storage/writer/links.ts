import type { Link } from '../../evidence/evidence.ts'
import { BULK } from './bulk-table.ts'
import type { WriteBatch } from './write-batch.ts'

const EXISTS = 'select 1 as found from links where from_id = ? and to_id = ? and kind = ? and proof = ?'

/** Writes a link unless the same one (from, to, kind, proof) exists: whoever declared it first stays. */
export async function addLink(batch: WriteBatch, link: Link): Promise<void> {
  const identity = [link.from, link.to, link.kind, link.proof]
  const key = JSON.stringify(identity)
  if (batch.pending(BULK.links, key) || (await batch.engine.get(EXISTS, identity))) return
  batch.put(BULK.links, key, [...identity, link.declaredBy, link.at])
  batch.touch('evidence')
}
