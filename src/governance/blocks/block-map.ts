import { holdsAt, type Block } from './block.ts'
import type { PlacedBlocks } from './ports.ts'

/** As many blocks as a denial names. */
const MOST_NAMED = 10
const NONE: readonly Block[] = []

/** The blocks that weren't lifted, by their subjects. */
export class BlockMap {
  /** Number of the newest block that it knows. */
  readonly newest: number
  readonly #bySubject: ReadonlyMap<string, readonly Block[]>

  constructor({ blocks, newest }: PlacedBlocks) {
    this.newest = newest
    this.#bySubject = Map.groupBy(blocks, ({ subject }) => subject)
  }

  /** Those that hold about any of the subjects, 10 at most. @param at milliseconds since the epoch */
  on(subjects: Iterable<string>, at: number): readonly Block[] {
    if (this.#bySubject.size === 0) return NONE
    const holding = [...new Set(subjects)].flatMap((subject) => this.#bySubject.get(subject) ?? NONE).filter((block) => holdsAt(block, at))
    return holding.slice(0, MOST_NAMED)
  }

  /** How many hold. */
  count(at: number): number {
    return [...this.#bySubject.values()].flat().filter((block) => holdsAt(block, at)).length
  }
}
