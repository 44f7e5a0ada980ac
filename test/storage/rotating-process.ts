/**
 * A process that issues, replaces and revokes tokens as fast as it can until it is killed, and prints what was acknowledged. Started by the
 * crash tests: `node rotating-process.ts PLACE-AS-JSON`.
 */
import { openStorage } from '../../src/storage/storage.ts'
import { LOG_CREATED, type Place } from '../support/storage.ts'
import { CAUSE, principal, rotationOf, token, tokenDraft } from './samples.ts'

const WRITERS = 8
const FAMILY = 5

const { tokens } = await openStorage({ ...(JSON.parse(process.argv[2] ?? '') as Place), log: { created: LOG_CREATED } })
const owner = principal()
await tokens.putPrincipal(owner, CAUSE)

/** A family that grows and is revoked, over and over. */
async function rotateForEver(): Promise<never> {
  for (;;) {
    const first = token(owner.id)
    await tokens.create(first, tokenDraft(first))
    for (let newest = first, size = 1; size < FAMILY; size++) {
      const rotation = rotationOf(newest)
      await tokens.rotate(rotation)
      process.stdout.write(`replaced:${newest.id} 0\n`)
      newest = rotation.successor
    }
    await tokens.revoke(first.id, CAUSE, true)
    process.stdout.write(`revoked:${first.id} 0\n`)
  }
}

await Promise.all(Array.from({ length: WRITERS }, rotateForEver))
