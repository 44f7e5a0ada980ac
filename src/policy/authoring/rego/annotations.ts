import { parseDocument } from 'yaml'

import type { Annotation } from '../metadata.ts'
import { beginsRule } from './rule-head.ts'
import type { RegoComment, RegoToken } from './tokens.ts'

/** A block of comments that begins with `# METADATA`, or why it can't be used. */
export type AnnotationBlock =
  | { ok: true; line: number; annotations: Annotation['annotations'] & { entrypoint?: boolean }; rule: string | null }
  | { ok: false; line: number; message: string }

/** Expanded aliases could fill the memory. */
const NO_ALIASES = { maxAliasCount: 0 }

/** Longer ones describe nothing that anybody reads. */
const MAX_LINES = 1000

/** The annotations of a module, each with what it stands at (openpolicyagent.org/docs/policy-language, Metadata): the very blocks that OPA takes for some. */
export function annotationsOf(tokens: readonly RegoToken[], comments: readonly RegoComment[]): AnnotationBlock[] {
  const blocks: AnnotationBlock[] = []
  let token = 0
  for (let at = 0; at < comments.length; at++) {
    const opening = comments[at]
    if (!opening?.text.trim().startsWith('METADATA')) continue
    const lines: string[] = []
    while (continues(comments[at + 1], opening.line + 1 + lines.length)) lines.push(comments[++at]?.text ?? '')
    const end = opening.line + lines.length
    while ((tokens[token]?.line ?? Infinity) <= end) token++
    blocks.push(blockOf(opening.line, lines, tokens, token))
  }
  return blocks
}

function continues(comment: RegoComment | undefined, line: number): boolean {
  return comment?.line === line && comment.column === 1
}

function blockOf(line: number, lines: readonly string[], tokens: readonly RegoToken[], next: number): AnnotationBlock {
  if (lines.length > MAX_LINES) return { ok: false, line, message: `it is longer than ${MAX_LINES} lines` }
  const at = tokens[next]?.text === 'default' ? next + 1 : next
  const rule = beginsRule(tokens, at) ? (tokens[at]?.text ?? null) : null
  try {
    const annotations = checked(readYaml(lines.join('\n')), tokens[at]?.text === 'package' ? 'package' : 'rule')
    return typeof annotations === 'string' ? { ok: false, line, message: annotations } : { ok: true, line, annotations, rule }
  } catch {
    return { ok: false, line, message: 'it is not YAML' }
  }
}

function readYaml(text: string): unknown {
  const document = parseDocument(text, { schema: 'core', version: '1.2', merge: false, logLevel: 'error' })
  const [error] = document.errors
  if (error) throw error
  return document.toJS(NO_ALIASES)
}

/**
 * What may stand in METADATA. Above all not `schemas`: OPA would load whatever files of this machine they refer to. Named are those that may, since
 * other readers of YAML know more ways to spell a key.
 */
const KEYS: ReadonlySet<string> = new Set([
  'scope',
  'title',
  'description',
  'organizations',
  'authors',
  'related_resources',
  'entrypoint',
  'custom',
])

function checked(content: unknown, scope: string): (Annotation['annotations'] & { entrypoint?: boolean }) | string {
  if (!isObject(content)) return 'it is not a mapping'
  const other = Object.keys(content).find((key) => !KEYS.has(key))
  if (other !== undefined) return `it may not have the key ${other.slice(0, 40)}`
  const { title, description, custom, entrypoint } = content
  if (title !== undefined && typeof title !== 'string') return 'title is not a text'
  if (description !== undefined && typeof description !== 'string') return 'description is not a text'
  if (custom !== undefined && !isObject(custom)) return 'custom is not a mapping'
  return {
    scope: typeof content['scope'] === 'string' ? content['scope'] : scope,
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...(custom !== undefined && { custom }),
    ...(entrypoint === true && { entrypoint }),
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
