import { isAppError } from '../../core/app-error.ts'
import { parseBoundedJson } from '../../core/bounded-json.ts'

/** A number as it stands in the text: JavaScript's would lose digits, and write it in another way. */
class NumberText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/**
 * A JSON document as OPA hashes it for signatures: without white space, members sorted by the bytes of their names, numbers as they were
 * written, texts as Go's encoder writes them without escaping HTML.
 * @returns undefined if it is no JSON, or nested too deeply
 */
export function goCanonicalJson(text: string): string | undefined {
  try {
    parseBoundedJson(text)
    return written(JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => numberText(value, context)))
  } catch (error) {
    if (isAppError(error) || error instanceof SyntaxError) return undefined
    throw error
  }
}

function numberText(value: unknown, context: { source?: string } | undefined): unknown {
  return typeof value === 'number' && context?.source !== undefined ? new NumberText(context.source) : value
}

function written(value: unknown): string {
  if (value instanceof NumberText) return value.text
  if (Array.isArray(value)) return `[${value.map(written).join(',')}]`
  if (typeof value !== 'object' || value === null) return primitive(value)
  const members = Object.entries(value).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  return `{${members.map(([name, member]) => `${primitive(name)}:${written(member)}`).join(',')}}`
}

function primitive(value: unknown): string {
  return JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
}
