import type { Parameter } from './session.ts'

/** The conditions of a WHERE, gathered with their parameters. */
export class Conditions {
  readonly #texts: string[] = []
  readonly parameters: Parameter[] = []

  add(text: string, ...parameters: Parameter[]): this {
    this.#texts.push(text)
    this.parameters.push(...parameters)
    return this
  }

  /** Adds the condition only if there is a value for it. */
  addIf(value: Parameter | undefined, text: string): this {
    return value === undefined ? this : this.add(text, value)
  }

  addAll(others: Conditions): this {
    this.#texts.push(...others.#texts)
    this.parameters.push(...others.parameters)
    return this
  }

  /** `and …` to follow other conditions, or nothing. */
  andSql(): string {
    return this.#texts.map((text) => ` and ${text}`).join('')
  }

  /** `where …`, or nothing. */
  toSql(): string {
    return this.#texts.length === 0 ? '' : `where ${this.#texts.join(' and ')}`
  }
}
