import type { Digest } from '../core/digest.ts'
import type { EntryDraft } from '../core/log-entry.ts'
import type { Binding } from './model.ts'

/** Keeps bindings; every change is a new revision and a log entry. */
export interface BindingStore {
  /** Grows with every committed change of bindings; equal numbers mean that an earlier `all` still holds. */
  revision(): Promise<number>
  all(): Promise<Binding[]>
  find(name: string): Promise<Binding | undefined>
  /** A binding as it was in one of its revisions, also if it was replaced or deleted since. */
  revised(name: string, revision: number): Promise<Binding | undefined>
  /**
   * Creates or replaces; the store sets `revision`.
   * @param runs the version that its parameters were found to fit
   * @throws {AppError} `change_outdated` if the binding would run another version by now
   */
  put(binding: Omit<Binding, 'revision'>, runs: Digest, entry: EntryDraft): Promise<{ binding: Binding; created: boolean }>
  /** @returns false if there is none of that name */
  remove(name: string, entry: EntryDraft): Promise<boolean>
  /** Writes the given ones if no binding was ever written: the default bindings of a fresh store. */
  seed(bindings: readonly Omit<Binding, 'revision'>[], entries: readonly EntryDraft[]): Promise<boolean>
}
