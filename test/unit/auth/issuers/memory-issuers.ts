import type { Issuer } from '../../../../src/auth/issuers/model.ts'
import { requirePlaceFor } from '../../../../src/auth/issuers/place.ts'
import type { IssuerStore } from '../../../../src/auth/issuers/ports.ts'
import type { EntryDraft } from '../../../../src/core/log-entry.ts'

/** Issuers in memory, with the log entries of their changes. */
export class MemoryIssuers implements IssuerStore {
  readonly issuers = new Map<string, Issuer>()
  readonly entries: EntryDraft[] = []
  reads = 0
  failure: Error | undefined
  #revision = 0

  async revision(): Promise<number> {
    return this.#revision
  }

  async all(): Promise<Issuer[]> {
    this.reads++
    if (this.failure) throw this.failure
    return [...this.issuers.values()]
  }

  async find(name: string): Promise<Issuer | undefined> {
    return this.issuers.get(name)
  }

  async put(given: Omit<Issuer, 'revision'>, entry: EntryDraft): Promise<{ issuer: Issuer; created: boolean }> {
    requirePlaceFor(given, [...this.issuers.values()])
    const created = !this.issuers.has(given.name)
    this.#revision++
    const issuer = { ...given, revision: this.#revision }
    this.issuers.set(given.name, issuer)
    this.entries.push(entry)
    return { issuer, created }
  }

  async remove(name: string, entry: EntryDraft): Promise<boolean> {
    this.#revision++
    this.entries.push(entry)
    return this.issuers.delete(name)
  }
}
