/** The same facts, so many times, in a span of time. Instants are milliseconds since the epoch. */
export interface Tally<Facts> {
  facts: Facts
  count: number
  from: number
  to: number
}

/** Strangers choose what is counted: beyond so many different facts the rest is lumped together, so that neither memory nor log grows. */
export class Tallies<Facts extends object> {
  readonly #most: number
  readonly #keyOf: (facts: Facts) => string
  readonly #lump: (facts: Facts) => Facts
  #tallies = new Map<string, Tally<Facts>>()

  /**
   * @param keyOf tells which facts count as the same; the first of them are kept
   * @param lump what remains of facts where there are too many; few different ones may remain
   */
  constructor(most: number, keyOf: (facts: Facts) => string, lump: (facts: Facts) => Facts) {
    this.#most = most
    this.#keyOf = keyOf
    this.#lump = lump
  }

  note(facts: Facts, at: number): void {
    this.#add({ facts, count: 1, from: at, to: at })
  }

  /** Takes out what was counted. */
  take(): Tally<Facts>[] {
    const tallies = [...this.#tallies.values()]
    this.#tallies = new Map()
    return tallies
  }

  /** Puts back what was taken out, to be counted on. */
  putBack(tallies: readonly Tally<Facts>[]): void {
    for (const tally of tallies) this.#add(tally)
  }

  #add(tally: Tally<Facts>): void {
    const known = this.#tallies.get(this.#keyOf(tally.facts))
    if (known) {
      known.count += tally.count
      known.from = Math.min(known.from, tally.from)
      known.to = Math.max(known.to, tally.to)
      return
    }
    const facts = this.#tallies.size < this.#most ? tally.facts : this.#lump(tally.facts)
    if (this.#keyOf(facts) === this.#keyOf(tally.facts)) this.#tallies.set(this.#keyOf(facts), { ...tally, facts })
    else this.#add({ ...tally, facts })
  }
}
