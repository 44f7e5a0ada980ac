import type { Clock } from '../core/clock.ts'
import type { WriterClient } from './writer/client.ts'

const EVERY_MS = 600_000

/** What was written ahead and not recorded for so long was left behind by a process that ended. */
const STAGED_FOR_MS = 3_600_000

/** Removes what nobody needs any more: now, and from time to time. @returns stops it */
export function keepHouse(writer: Pick<WriterClient, 'submit'>, clock: Clock): () => void {
  const tidy = (): void => {
    // What is not deleted now is deleted ten minutes later; none of it is ever read.
    writer.submit('forgetClaims', clock.now()).catch(() => undefined)
    sweep(writer, clock.now() - STAGED_FOR_MS).catch(() => undefined)
  }
  tidy()
  const timer = setInterval(tidy, EVERY_MS)
  timer.unref()
  return () => clearInterval(timer)
}

/** One document a transaction, so that other writes go on. */
async function sweep(writer: Pick<WriterClient, 'submit'>, before: number): Promise<void> {
  while (await writer.submit('sweepStaged', before));
}
