/**
 * A process that records decisions as fast as it can until it is killed, and prints the id and log index of each one that was
 * acknowledged. Started by the crash tests: `node writing-process.ts PLACE-AS-JSON`.
 */
import { openStorage } from '../../src/storage/storage.ts'
import { LOG_CREATED, type Place } from '../support/storage.ts'
import { decisionToRecord } from './samples.ts'

const WRITERS = 16

const storage = await openStorage({ ...(JSON.parse(process.argv[2] ?? '') as Place), log: { created: LOG_CREATED } })

async function recordForEver(): Promise<never> {
  for (;;) {
    const { decision, logIndex } = await storage.decisions.record(decisionToRecord())
    process.stdout.write(`${decision.id} ${logIndex}\n`)
  }
}

await Promise.all(Array.from({ length: WRITERS }, recordForEver))
