/** Characters of JSON that all kept sets may have together; in memory they take a few times as much. */
const MAX_CHARACTERS = 16 * 1024 * 1024
const MAX_KEYS = 10_000

/** What holds a set that never changes under their key: each is made once, and all are forgotten when they take too much room. */
export class SetCache<Value> {
  readonly #charactersOf: (value: Value) => number
  readonly #sets = new Map<string, Promise<Value>>()
  #characters = 0

  constructor(charactersOf: (value: Value) => number) {
    this.#charactersOf = charactersOf
  }

  get(key: string, make: () => Promise<Value>): Promise<Value> {
    return this.#sets.get(key) ?? this.#make(key, make)
  }

  #make(key: string, make: () => Promise<Value>): Promise<Value> {
    const making = make()
    this.#sets.set(key, making)
    making.then(
      (value) => this.#grow(this.#charactersOf(value)),
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
