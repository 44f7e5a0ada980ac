import { randomUUID } from 'node:crypto'

import { storageUnavailable } from './errors.ts'
import type { ReadSession } from './readers/session.ts'
import type { WriterClient } from './writer/client.ts'

/** Whether what is written has a place to go; rejects with `storage_unavailable` if it hasn't. */
export interface Room {
  /** Cheap enough to be asked every second. */
  assertFree(): Promise<void>
  /** Writes and syncs so many bytes, and frees them again. */
  tryWrite(bytes: number): Promise<void>
}

export interface HealthParts {
  session: Pick<ReadSession, 'all'>
  writer: Pick<WriterClient, 'submit'>
  room: Room
}

/** More than an ordinary batch of decisions. */
const PROBE_BYTES = 1024 * 1024

/** Tells whether storage takes writes. A row that fits proves little on a full disk: the next decision may need a page more. */
export class Health {
  #failures = 0

  /** A write failed for a reason that lies outside of it: from now on only a write of some size proves the contrary. */
  noteFailure(): void {
    this.#failures++
  }

  /** @throws {AppError} `storage_unavailable` */
  async check({ session, writer, room }: HealthParts): Promise<void> {
    const failures = this.#failures
    await room.assertFree()
    if (failures > 0) await room.tryWrite(PROBE_BYTES)
    await writer.submit('noteHealth', randomUUID())
    const [row] = await session.all(`select value from settings where name = 'health'`)
    // Another replica may have written since: any value proves that a committed row can be read.
    if (row === undefined) throw storageUnavailable('a committed row could not be read back')
    this.#failures -= failures
  }
}
