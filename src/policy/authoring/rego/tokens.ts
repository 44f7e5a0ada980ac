/** A token of Rego. Comments are kept apart; whitespace only shows in the places. */
export interface RegoToken {
  kind: 'name' | 'string' | 'number' | 'symbol'
  /** A name or symbol as written; of a string what it stands for. */
  text: string
  /** From 1. */
  line: number
  /** From 1. */
  column: number
  /** True if nothing but whitespace stands before it in its line. */
  first: boolean
  /** How many brackets are open around it. */
  depth: number
}

/** A comment without its `#`. */
export interface RegoComment {
  text: string
  line: number
  column: number
}

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y
const NUMBER = /[0-9][0-9.eE+-]*/y
const STRING = /"(?:[^"\\\n]|\\.)*"?/y
const RAW = /`[^`]*`?/y

/**
 * Cuts attacker-controlled Rego (v0 or v1) into tokens. Text that isn't Rego gives some tokens too: that it doesn't compile is OPA's to say.
 * Expressions within template strings (`$"{…}"`) are code, so their tokens are there as well.
 */
export function tokensOf(source: string): { tokens: RegoToken[]; comments: RegoComment[] } {
  return new Tokenizer(source).read()
}

class Tokenizer {
  readonly #source: string
  readonly #tokens: RegoToken[] = []
  readonly #comments: RegoComment[] = []
  /** For each open template its quote, and at which depth its current expression began. */
  readonly #templates: { quote: string; depth: number }[] = []
  #at = 0
  #line = 1
  #lineStart = 0
  #blank = true
  #depth = 0

  constructor(source: string) {
    this.#source = source
  }

  read(): { tokens: RegoToken[]; comments: RegoComment[] } {
    while (this.#at < this.#source.length) this.#step()
    return { tokens: this.#tokens, comments: this.#comments }
  }

  #step(): void {
    const character = this.#source.charAt(this.#at)
    const next = this.#source.charAt(this.#at + 1)
    if (character === '\n' || /\s/.test(character)) this.#advance(1)
    else if (character === '#') this.#comment()
    else if (character === '"') this.#string(STRING)
    else if (character === '`') this.#string(RAW)
    else if (character === '$' && (next === '"' || next === '`')) this.#openTemplate(next)
    else if (/[A-Za-z_]/.test(character)) this.#take('name', NAME)
    else if (/[0-9]/.test(character)) this.#take('number', NUMBER)
    else this.#symbol(character)
  }

  #comment(): void {
    const end = this.#source.indexOf('\n', this.#at)
    const text = this.#source.slice(this.#at + 1, end === -1 ? undefined : end)
    this.#comments.push({ text: text.replace(/\r$/, ''), line: this.#line, column: this.#at - this.#lineStart + 1 })
    this.#advance(text.length + 1)
  }

  #take(kind: RegoToken['kind'], pattern: RegExp): void {
    const text = this.#match(pattern)
    this.#push(kind, text)
    this.#advance(text.length)
  }

  #string(pattern: RegExp): void {
    const text = this.#match(pattern)
    this.#push('string', pattern === RAW ? text.replaceAll('`', '') : unquoted(text))
    this.#advance(text.length)
  }

  #symbol(character: string): void {
    const template = this.#templates.at(-1)
    if (character === '}' && template?.depth === this.#depth) {
      this.#advance(1)
      return this.#templateText(template.quote)
    }
    if (')]}'.includes(character)) this.#depth = Math.max(0, this.#depth - 1)
    this.#push('symbol', character)
    if ('([{'.includes(character)) this.#depth++
    this.#advance(1)
  }

  #openTemplate(quote: string): void {
    this.#push('symbol', '$')
    this.#depth++
    this.#templates.push({ quote, depth: this.#depth })
    this.#advance(2)
    this.#templateText(quote)
  }

  /** Skips text up to the next expression, or to the end of the template. */
  #templateText(quote: string): void {
    while (this.#at < this.#source.length) {
      const character = this.#source.charAt(this.#at)
      if (character === '\\') this.#advance(2)
      else this.#advance(1)
      if (character === '{') return
      if (character === quote) break
    }
    this.#templates.pop()
    this.#depth = Math.max(0, this.#depth - 1)
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    return pattern.exec(this.#source)?.[0] ?? this.#source.charAt(this.#at)
  }

  #push(kind: RegoToken['kind'], text: string): void {
    const place = { line: this.#line, column: this.#at - this.#lineStart + 1 }
    this.#tokens.push({ kind, text, ...place, first: this.#blank, depth: this.#depth })
    this.#blank = false
  }

  #advance(characters: number): void {
    const end = Math.min(this.#at + characters, this.#source.length)
    for (; this.#at < end; this.#at++) {
      if (this.#source.charAt(this.#at) !== '\n') continue
      this.#line++
      this.#lineStart = this.#at + 1
      this.#blank = true
    }
  }
}

function unquoted(text: string): string {
  try {
    return JSON.parse(text) as string
  } catch {
    return text.replaceAll('"', '')
  }
}
