import { isRegoArray, RegoNumber, RegoObject, type RegoValue } from './rego-value.ts'

/** The Rego text of a value as OPA's `Value.String()` writes it: `{"a": [1, "x"]}`, `{1, 2}`, `set()`. */
export function regoText(value: RegoValue): string {
  if (value === null) return 'null'
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return goQuote(value)
  if (value instanceof RegoNumber) return value.text
  if (isRegoArray(value)) return `[${value.map(regoText).join(', ')}]`
  if (value instanceof RegoObject) return `{${value.entries.map(([key, item]) => `${regoText(key)}: ${regoText(item)}`).join(', ')}}`
  return value.items.length === 0 ? 'set()' : `{${value.items.map(regoText).join(', ')}}`
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': String.raw`\"`,
  '\\': String.raw`\\`,
  '\u0007': String.raw`\a`,
  '\b': String.raw`\b`,
  '\f': String.raw`\f`,
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
  '\t': String.raw`\t`,
  '\v': String.raw`\v`,
}
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u

/** Go's `strconv.Quote`. */
export function goQuote(text: string): string {
  return `"${Array.from(text, quotedCharacter).join('')}"`
}

function quotedCharacter(character: string): string {
  const escape = ESCAPES[character]
  if (escape !== undefined) return escape
  if (PRINTABLE.test(character)) return character
  const code = character.codePointAt(0) ?? 0
  if (code < 0x20 || code === 0x7f) return String.raw`\x` + code.toString(16).padStart(2, '0')
  return code > 0xffff ? String.raw`\U` + code.toString(16).padStart(8, '0') : String.raw`\u` + code.toString(16).padStart(4, '0')
}
