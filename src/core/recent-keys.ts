/** The newest of many keys, in bounded memory: at least so many of them, at most twice as many. */
export class RecentKeys {
  readonly #least: number
  #young = new Set<string>()
  #old = new Set<string>()

  constructor(least: number) {
    this.#least = least
  }

  has(key: string): boolean {
    return this.#young.has(key) || this.#old.has(key)
  }

  add(key: string): void {
    if (this.#young.size >= this.#least && !this.#young.has(key)) {
      this.#old = this.#young
      this.#young = new Set()
    }
    this.#young.add(key)
  }

  delete(key: string): void {
    this.#young.delete(key)
    this.#old.delete(key)
  }
}
