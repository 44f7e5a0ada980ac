import type { RegoToken } from './tokens.ts'

/** Words behind which an expression goes on, so that a name in the next line begins no rule. */
const UNFINISHED: ReadonlySet<string> = new Set(['if', 'else', 'with', 'as', 'in', 'contains', 'some', 'every', 'not', 'import', 'package'])
const NO_RULE: ReadonlySet<string> = new Set([...UNFINISHED, 'default', 'true', 'false', 'null'])

/** Whether a rule's head begins with this token: at the left of a line that nothing leads to. */
export function beginsRule(tokens: readonly RegoToken[], at: number): boolean {
  const [token, before] = [tokens[at], tokens[at - 1]]
  if (!token || token.kind !== 'name' || token.depth > 0 || NO_RULE.has(token.text)) return false
  if (before?.kind === 'name' && before.text === 'default') return true
  if (!token.first) return false
  return before === undefined || (before.kind === 'symbol' ? ')]}'.includes(before.text) : !UNFINISHED.has(before.text))
}

export function isSymbol(token: RegoToken | undefined, text: string): boolean {
  return token?.kind === 'symbol' && token.text === text
}
