import type { Revision } from '../writer/write-batch.ts'
import type { ReadSession } from './session.ts'

/** Tells when caches are stale. */
export interface RevisionReader {
  current(revision: Revision): Promise<number>
}

/** Counts in memory: on an embedded database this process is the only one that writes. */
export class LocalRevisions implements RevisionReader {
  readonly #counts = new Map<Revision, number>()

  note(changed: readonly Revision[]): void {
    for (const revision of changed) this.#counts.set(revision, (this.#counts.get(revision) ?? 0) + 1)
  }

  async current(revision: Revision): Promise<number> {
    return this.#counts.get(revision) ?? 0
  }
}

/** Reads the counters that every replica's writer raises; calls of one turn of the event loop share one query. */
export class SharedRevisions implements RevisionReader {
  readonly #session: ReadSession
  #next: Promise<ReadonlyMap<string, number>> | undefined

  constructor(session: ReadSession) {
    this.#session = session
  }

  async current(revision: Revision): Promise<number> {
    this.#next ??= this.#read()
    return (await this.#next).get(`revision.${revision}`) ?? 0
  }

  async #read(): Promise<ReadonlyMap<string, number>> {
    await new Promise((resolve) => setImmediate(resolve))
    // Whoever asks from here on must see commits that this query may miss.
    this.#next = undefined
    const rows = await this.#session.all(`select name, value from counters where name like 'revision.%'`)
    return new Map(rows.map((row) => [String(row['name']), Number(row['value'])]))
  }
}
