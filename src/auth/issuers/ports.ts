import type { Issuer } from './model.ts'

/** Reads issuers; they change through `issuer-changes.ts`. Reads see every committed write. */
export interface IssuerStore {
  /** Another number after each committed change of an issuer. */
  revision(): Promise<number>
  /** All of them, by name; they are few. */
  all(): Promise<Issuer[]>
  find(name: string): Promise<Issuer | undefined>
}
