import type { Clock } from '../core/clock.ts'
import type { ReadSession } from './readers/session.ts'
import type { WriterClient } from './writer/client.ts'

const EVERY_MS = 600_000

/** What was written ahead and not recorded for so long was left behind by a process that ended. */
const STAGED_FOR_MS = 3_600_000

export interface HouseParts {
  session: Pick<ReadSession, 'all'>
  writer: Pick<WriterClient, 'submit'>
  clock: Clock
}

/** Removes what nobody needs any more: what a process left behind at once, and all of it from time to time. @returns stops it */
export function keepHouse(parts: HouseParts): () => void {
  const { writer, clock } = parts
  // What is not deleted now is deleted ten minutes later; none of it is ever read.
  const tidy = async (): Promise<void> => sweepStaged(parts).catch(() => undefined)
  void tidy()
  const timer = setInterval(() => {
    void tidy()
    writer.submit('forgetClaims', clock.now()).catch(() => undefined)
  }, EVERY_MS)
  timer.unref()
  return () => clearInterval(timer)
}

/** One document a transaction, so that other writes go on; there is nearly always none. */
async function sweepStaged({ session, writer, clock }: HouseParts): Promise<void> {
  const before = clock.now() - STAGED_FOR_MS
  const [found] = await session.all('select 1 as found from staged_evidence where at < ? limit 1', [before])
  if (!found) return
  while (await writer.submit('sweepStaged', before));
}
