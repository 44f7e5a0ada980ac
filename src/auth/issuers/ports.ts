import type { EntryDraft } from '../../core/log-entry.ts'
import type { Issuer } from './model.ts'

/** Keeps issuers; every change is a new revision and a log entry. Reads see every committed write. */
export interface IssuerStore {
  /** Another number after each committed change of an issuer. */
  revision(): Promise<number>
  /** All of them, by name; they are few. */
  all(): Promise<Issuer[]>
  find(name: string): Promise<Issuer | undefined>
  /**
   * Creates or replaces; the store sets `revision`.
   * @throws {AppError} `issuer_url_taken` if another one has the same address
   */
  put(issuer: Omit<Issuer, 'revision'>, entry: EntryDraft): Promise<{ issuer: Issuer; created: boolean }>
  /** @returns false if there is none of that name */
  remove(name: string, entry: EntryDraft): Promise<boolean>
}
