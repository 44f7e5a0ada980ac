import { randomBytes } from 'node:crypto'

/** Texts that stand in one side's data and nowhere else: whoever finds one in a reply has found that side's data. */
export class Canaries {
  readonly #planted = new Set<string>()

  /** A new one, of small letters and digits, to be planted: it may be part of a name. */
  mark(what: string): string {
    const text = `${what}${randomBytes(6).toString('hex')}`
    this.#planted.add(text)
    return text
  }

  /** What the service made up for that side: ids and digests. */
  add(...made: readonly string[]): void {
    for (const text of made) this.#planted.add(text)
  }

  /** Those in the text, in whatever letter case, without those that the asker named themselves. */
  in(text: string, said = ''): string[] {
    const [found, known] = [text.toLowerCase(), said.toLowerCase()]
    return [...this.#planted].filter((canary) => found.includes(canary) && !known.includes(canary))
  }

  /** Those that none of the texts holds. */
  missingIn(text: string): string[] {
    const found = text.toLowerCase()
    return [...this.#planted].filter((canary) => !found.includes(canary))
  }
}
