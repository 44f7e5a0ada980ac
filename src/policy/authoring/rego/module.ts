import type { PolicySource } from '../policy-compiler.ts'
import { annotationsOf, type AnnotationBlock } from './annotations.ts'
import { beginsRule, isSymbol } from './rule-head.ts'
import { tokensOf, type RegoToken } from './tokens.ts'

/** `a.b["c"]`, as far as its steps are written out. */
export interface RegoReference {
  path: readonly string[]
  /** True if an opening parenthesis follows. */
  called: boolean
  /** Index of the token behind it. */
  end: number
  line: number
  column: number
}

export interface RegoRule {
  name: string
  line: number
  /** True of a function, which nobody can ask without arguments. */
  takesArguments: boolean
  /** True where the head goes on, as in `deny.images contains msg`. */
  isPart: boolean
}

/** What can be said of a module without compiling it. */
export interface RegoModule {
  path: string
  isTest: boolean
  /** Without `data`; empty where no package is named. */
  package: readonly string[]
  packageLine: number
  rules: readonly RegoRule[]
  references: readonly RegoReference[]
  /** Names that stand for something imported. */
  imported: ReadonlySet<string>
  annotations: readonly AnnotationBlock[]
}

/** Reads a module as far as its tokens tell. It doesn't need to compile. */
export function readModule({ path, text }: PolicySource): RegoModule {
  const { tokens, comments } = tokensOf(text)
  const start = tokens.findIndex((token) => token.first && token.text === 'package' && token.kind === 'name')
  const name = start === -1 ? undefined : referenceAt(tokens, start + 1)
  return {
    path,
    isTest: path.endsWith('_test.rego'),
    package: name?.path ?? [],
    packageLine: tokens[start]?.line ?? 1,
    rules: rulesOf(tokens),
    references: referencesOf(tokens),
    imported: importedBy(tokens),
    annotations: annotationsOf(tokens, comments),
  }
}

function rulesOf(tokens: readonly RegoToken[]): RegoRule[] {
  return tokens.flatMap(({ text, line }, at) => {
    const next = tokens[at + 1]
    return beginsRule(tokens, at) ? [{ name: text, line, takesArguments: isSymbol(next, '('), isPart: isSymbol(next, '.') }] : []
  })
}

function referencesOf(tokens: readonly RegoToken[]): RegoReference[] {
  return tokens.flatMap(({ kind }, at) => {
    const reference = kind === 'name' && !isSymbol(tokens[at - 1], '.') ? referenceAt(tokens, at) : undefined
    return reference ? [reference] : []
  })
}

/** OPA takes `http.send` and `http["send"]` for the same. */
function referenceAt(tokens: readonly RegoToken[], start: number): RegoReference | undefined {
  const head = tokens[start]
  if (head?.kind !== 'name') return undefined
  const path = [head.text]
  let at = start + 1
  for (;;) {
    const [first, second, third] = [tokens[at], tokens[at + 1], tokens[at + 2]]
    if (isSymbol(first, '.') && second?.kind === 'name') at += 2
    else if (isSymbol(first, '[') && second?.kind === 'string' && isSymbol(third, ']')) at += 3
    else break
    path.push(second.text)
  }
  return { path, called: isSymbol(tokens[at], '('), end: at, line: head.line, column: head.column }
}

/** `import input.http`, `import data.lib.web as http`. */
function importedBy(tokens: readonly RegoToken[]): Set<string> {
  const names = tokens.flatMap(({ first, kind, text }, at) => {
    const reference = first && kind === 'name' && text === 'import' ? referenceAt(tokens, at + 1) : undefined
    if (!reference || (reference.path[0] !== 'data' && reference.path[0] !== 'input')) return []
    const alias = tokens[reference.end]?.text === 'as' ? tokens[reference.end + 1]?.text : reference.path.at(-1)
    return alias === undefined ? [] : [alias]
  })
  return new Set(names)
}
