import { RegoNumber, RegoObject, RegoSet, type RegoValue } from './rego-value.ts'

/**
 * Reads what the engine's `opa_value_dump` writes: JSON, and besides it set literals (`{1,"a"}`, `set()`) and object keys of any type.
 * The text comes from the engine, never from outside.
 * @throws {SyntaxError} for anything else
 */
export function parseRego(text: string): RegoValue {
  const reader = new Reader(text)
  const value = reader.value()
  reader.expectEnd()
  return value
}

const NUMBER = /[-+0-9.eE]+/y
const STRING = /"(?:[^"\\]|\\.)*"/sy
const SPACE = /[ \t\r\n]*/y

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  value(): RegoValue {
    this.#match(SPACE)
    switch (this.#text[this.#at]) {
      case '"':
        return JSON.parse(this.#match(STRING)) as string
      case '[':
        return this.#array()
      case '{':
        return this.#braces()
      case 'n':
        return this.#word('null', null)
      case 't':
        return this.#word('true', true)
      case 'f':
        return this.#word('false', false)
      case 's':
        return this.#word('set()', new RegoSet([]))
      default:
        return new RegoNumber(this.#match(NUMBER))
    }
  }

  expectEnd(): void {
    this.#match(SPACE)
    if (this.#at !== this.#text.length) throw this.#unexpected()
  }

  #array(): RegoValue[] {
    const items: RegoValue[] = []
    this.#at++
    if (this.#take(']')) return items
    do items.push(this.value())
    while (this.#take(','))
    this.#need(']')
    return items
  }

  /** An object or, if no colon follows the first value, a set. */
  #braces(): RegoObject | RegoSet {
    this.#at++
    if (this.#take('}')) return new RegoObject([])
    const first = this.value()
    return this.#take(':') ? this.#object(first) : this.#set(first)
  }

  #object(firstKey: RegoValue): RegoObject {
    const entries: [RegoValue, RegoValue][] = [[firstKey, this.value()]]
    while (this.#take(',')) {
      const key = this.value()
      this.#need(':')
      entries.push([key, this.value()])
    }
    this.#need('}')
    return new RegoObject(entries)
  }

  #set(first: RegoValue): RegoSet {
    const items = [first]
    while (this.#take(',')) items.push(this.value())
    this.#need('}')
    return new RegoSet(items)
  }

  #take(character: string): boolean {
    this.#match(SPACE)
    if (this.#text[this.#at] !== character) return false
    this.#at++
    return true
  }

  #need(character: string): void {
    if (!this.#take(character)) throw this.#unexpected()
  }

  #word<Value>(word: string, value: Value): Value {
    if (!this.#text.startsWith(word, this.#at)) throw this.#unexpected()
    this.#at += word.length
    return value
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#text)
    if (match === null) throw this.#unexpected()
    this.#at = pattern.lastIndex
    return match[0]
  }

  #unexpected(): SyntaxError {
    return new SyntaxError(`unexpected text at ${this.#at} of a value written by the engine`)
  }
}
