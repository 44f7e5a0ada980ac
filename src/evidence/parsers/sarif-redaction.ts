import { isObject, objectOf, objectsOf, type JsonObject } from './json-fields.ts'
import { REDACTED } from './report.ts'

/**
 * A copy of a SARIF log in which the given results keep only what is known not to quote the code.
 * @param quoting per run, the results that may quote secrets, by their index
 */
export function redactSarif(log: JsonObject, quoting: readonly ReadonlySet<number>[]): JsonObject {
  const { $schema, version } = log
  return { $schema, version, runs: objectsOf(log['runs']).map((run, index) => redactRun(run, quoting[index] ?? new Set())) }
}

function redactRun(run: JsonObject, quoting: ReadonlySet<number>): JsonObject {
  if (quoting.size === 0) return run
  const { tool, automationDetails, versionControlProvenance, originalUriBaseIds, columnKind, properties } = run
  return {
    tool,
    automationDetails,
    versionControlProvenance,
    originalUriBaseIds,
    columnKind,
    properties,
    invocations: objectsOf(run['invocations']).map(redactInvocation),
    results: objectsOf(run['results']).map((result, index) => (quoting.has(index) ? redactResult(result) : result)),
  }
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
