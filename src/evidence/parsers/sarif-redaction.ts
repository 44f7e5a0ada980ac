import { isObject, objectOf, objectsOf, textOf, type JsonObject } from './json-fields.ts'
import { REDACTED } from './report.ts'
import { rulesOf } from './sarif-rules.ts'

/** What of a run may quote secrets. */
export interface Quoting {
  /** Results, by their index. */
  results: Set<number>
  /** The rules of those results: some tools repeat the match in the rule's help. */
  rules: Set<JsonObject>
}

/**
 * The code in which secrets were found, and the literals in it: another tool of the same log, which does not look for secrets, may quote it too.
 */
export class QuotedCode {
  readonly #texts = new Set<string>()

  constructor(log: JsonObject, quoting: readonly Quoting[]) {
    for (const [run, { results }] of objectsOf(log['runs']).map((each, index) => [each, quoting[index] ?? NOTHING] as const)) {
      for (const [index, result] of objectsOf(run['results']).entries()) if (results.has(index)) this.#addResult(result)
    }
  }

  /** True if it is more than other texts can be searched for (attacker-controlled): then every one of them may quote it. */
  get isTooMuch(): boolean {
    return this.#texts.size > MAX_TEXTS
  }

  isIn(text: string): boolean {
    return this.isTooMuch || this.#texts.values().some((quoted) => text.includes(quoted))
  }

  #addResult(result: JsonObject): void {
    for (const location of objectsOf(result['locations'])) {
      const snippet = textOf(objectOf(objectOf(objectOf(location['physicalLocation'])['region'])['snippet'])['text']) ?? ''
      for (const line of snippet.split('\n')) this.#add(line.trim())
      for (const [literal] of snippet.matchAll(LITERAL)) this.#add(literal.slice(1, -1))
    }
  }

  #add(text: string): void {
    if (text.length >= SHORTEST_TEXT && !this.isTooMuch) this.#texts.add(text)
  }
}

const NOTHING: Quoting = { results: new Set(), rules: new Set() }
const MAX_TEXTS = 200
/** Shorter texts occur by chance. */
const SHORTEST_TEXT = 8
const LITERAL = /"[^"\n]+"|'[^'\n]+'|`[^`\n]+`/g

/**
 * A copy of a SARIF log in which the given results keep only what is known not to quote the code, and all others keep no code, and no text that
 * quotes what the given ones found.
 */
export function redactSarif(log: JsonObject, quoting: readonly Quoting[], code: QuotedCode): JsonObject {
  const { $schema, version } = log
  return { $schema, version, runs: objectsOf(log['runs']).map((run, index) => redactRun(run, quoting[index] ?? NOTHING, code)) }
}

/** Where the code itself stands: excerpts, whole files, and fixes (SARIF 2.1.0, sections 3.30.13, 3.24.8 and 3.57.4). */
const HOLDING_CODE: ReadonlySet<string> = new Set(['snippet', 'contents', 'insertedContent'])

/** Recursion is safe: the depth was bounded as the text was parsed. */
function withoutCode(value: unknown, code: QuotedCode): unknown {
  if (typeof value === 'string') return code.isIn(value) ? REDACTED : value
  if (Array.isArray(value)) return value.map((item) => withoutCode(item, code))
  if (!isObject(value)) return value
  const kept = Object.entries(value).filter(([key]) => !HOLDING_CODE.has(key))
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutCode(item, code)]))
}

function redactRun(run: JsonObject, quoting: Quoting, code: QuotedCode): JsonObject {
  if (quoting.results.size === 0 && !code.isTooMuch) return objectOf(withoutCode(run, code))
  const { automationDetails, versionControlProvenance, originalUriBaseIds, columnKind, properties } = run
  return {
    tool: redactTool(objectOf(run['tool']), quoting.rules),
    automationDetails,
    versionControlProvenance,
    originalUriBaseIds,
    columnKind,
    properties,
    invocations: objectsOf(run['invocations']).map(redactInvocation),
    results: objectsOf(run['results']).map((result, index) =>
      quoting.results.has(index) || code.isTooMuch ? redactResult(result) : withoutCode(result, code),
    ),
  }
}

function redactTool(tool: JsonObject, quoting: ReadonlySet<JsonObject>): JsonObject {
  const component = (value: unknown): JsonObject => ({
    ...objectOf(value),
    rules: rulesOf(objectOf(value)).map((rule) => (quoting.has(rule) ? redactRule(rule) : rule)),
  })
  return {
    ...tool,
    driver: component(tool['driver']),
    ...('extensions' in tool && { extensions: objectsOf(tool['extensions']).map(component) }),
  }
}

function redactRule({ id, name, shortDescription, defaultConfiguration, helpUri, properties }: JsonObject): JsonObject {
  return { id, name, shortDescription, defaultConfiguration, helpUri, properties }
}

/** Command line, environment and output of the tool can hold anything. */
function redactInvocation({ executionSuccessful, startTimeUtc, endTimeUtc, exitCode }: JsonObject): JsonObject {
  return { executionSuccessful, startTimeUtc, endTimeUtc, exitCode }
}

function redactResult(result: JsonObject): JsonObject {
  const { ruleId, ruleIndex, rule, kind, level, rank, baselineState, guid, correlationGuid } = result
  return {
    ...{ ruleId, ruleIndex, rule, kind, level, rank, baselineState, guid, correlationGuid },
    message: { text: REDACTED },
    locations: objectsOf(result['locations']).map(redactLocation),
    ...(Array.isArray(result['suppressions']) && {
      suppressions: objectsOf(result['suppressions']).map(({ kind: where, status, state }) => ({ kind: where, status, state })),
    }),
  }
}

function redactLocation(location: JsonObject): JsonObject {
  const { artifactLocation, region } = objectOf(location['physicalLocation'])
  const { startLine, startColumn, endLine, endColumn } = objectOf(region)
  return {
    physicalLocation: { artifactLocation, ...(isObject(region) && { region: { startLine, startColumn, endLine, endColumn } }) },
  }
}
