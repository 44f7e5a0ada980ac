import type { BaselineSet } from './content.ts'

/** Characters of JSON that all kept sets may have together; in memory they take a few times as much. */
const MAX_CHARACTERS = 16 * 1024 * 1024
const MAX_KEYS = 10_000

/** Sets that never change under their key: each is made once, and all are forgotten when they take too much room. */
export class SetCache<Value extends BaselineSet | null> {
  readonly #sets = new Map<string, Promise<Value>>()
  #characters = 0

  get(key: string, make: () => Promise<Value>): Promise<Value> {
    return this.#sets.get(key) ?? this.#make(key, make)
  }

  #make(key: string, make: () => Promise<Value>): Promise<Value> {
    const making = make()
    this.#sets.set(key, making)
    making.then(
      (set) => this.#grow(set?.text.length ?? 0),
      () => this.#sets.delete(key),
    )
    return making
  }

  #grow(characters: number): void {
    this.#characters += characters
    if (this.#characters <= MAX_CHARACTERS && this.#sets.size <= MAX_KEYS) return
    this.#sets.clear()
    this.#characters = 0
  }
}
