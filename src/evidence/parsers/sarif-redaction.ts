import { isObject, objectOf, objectsOf, type JsonObject } from './json-fields.ts'
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
 * A copy of a SARIF log in which the given results keep only what is known not to quote the code.
 */
export function redactSarif(log: JsonObject, quoting: readonly Quoting[]): JsonObject {
  const { $schema, version } = log
  return { $schema, version, runs: objectsOf(log['runs']).map((run, index) => redactRun(run, quoting[index])) }
}

function redactRun(run: JsonObject, quoting: Quoting | undefined): JsonObject {
  if (!quoting || quoting.results.size === 0) return run
  const { automationDetails, versionControlProvenance, originalUriBaseIds, columnKind, properties } = run
  return {
    tool: redactTool(objectOf(run['tool']), quoting.rules),
    automationDetails,
    versionControlProvenance,
    originalUriBaseIds,
    columnKind,
    properties,
    invocations: objectsOf(run['invocations']).map(redactInvocation),
    results: objectsOf(run['results']).map((result, index) => (quoting.results.has(index) ? redactResult(result) : result)),
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
