import { parseSeverity } from '../../core/severity.ts'
import type { Finding, ParsedReport } from '../model.ts'
import { isObject, objectOf, textOf, type JsonObject } from './json-fields.ts'
import { finding, itemsOf, malformed, report } from './report.ts'
import { instantOfSonar } from './sonarqube-time.ts'

/** Reads the webhook: each condition that isn't met is a finding. The top `status` is the analysis task's, not the gate's. */
export function readGate(json: JsonObject): ParsedReport {
  const project = textOf(objectOf(json['project'])['key'])
  const common = {
    reportedAt: instantOfSonar(json['analysedAt']),
    examined: project === null ? [] : [gateOf(project, objectOf(json['branch']))],
  }
  const gate = json['qualityGate']
  if (json['status'] !== 'SUCCESS')
    return quality({ ...common, completeness: 'failed', completenessReason: 'SonarQube says that the analysis did not succeed.' })
  if (!isObject(gate)) return quality({ ...common, completeness: 'empty', completenessReason: 'The project has no quality gate.' })
  const conditions = itemsOf('sonarqube', gate, 'conditions')
  return quality({
    ...common,
    ...(conditions.every((condition) => condition['status'] === 'NO_VALUE') && NOTHING_MEASURED),
    findings: gateFindings(textOf(gate['status']), conditions),
    measures: { ...conditionMeasures(conditions), ...gateMeasure(gate['status']) },
  })
}

/** That there was a gate, which its findings alone don't tell: 1 if it passed. */
export function gateMeasure(status: unknown): { quality_gate: number } {
  return { quality_gate: status === 'OK' ? 1 : 0 }
}

function conditionMeasures(conditions: readonly JsonObject[]): Record<string, number> {
  const numbers = conditions.flatMap(({ metric, value }) => {
    const [name, text] = [textOf(metric), textOf(value)]
    return name !== null && text !== null && /^-?\d{1,15}(?:\.\d{1,15})?$/.test(text) ? [[name, Number(text)] as const] : []
  })
  return Object.fromEntries(numbers)
}

/** A gate says nothing of another branch's, even at the same commit. */
export function gateOf(project: string, branch: JsonObject): string {
  const name = branch['isMain'] === false ? textOf(branch['name']) : null
  return `quality gate of ${project}${name === null ? '' : `, branch ${name}`}`
}

const NOTHING_MEASURED = { completeness: 'empty', completenessReason: 'No condition of the quality gate had a value.' } as const

function quality(stated: Partial<ParsedReport>): ParsedReport {
  return report({ name: 'sonarqube', version: null }, ['quality'], stated)
}

/**
 * The unmet conditions; if the gate is unmet without saying by which, the gate itself.
 * @throws {ReportError} for a status that nobody knows: it must not count as met
 */
export function gateFindings(status: string | null, conditions: readonly JsonObject[]): Finding[] {
  if (status === null || !['OK', 'WARN', 'ERROR'].includes(status))
    throw malformed('sonarqube', 'has a quality gate without OK, WARN or ERROR')
  const unmet = conditions.filter(
    (condition) => !['OK', 'NO_VALUE'].includes(textOf(condition['status']) ?? textOf(condition['level']) ?? ''),
  )
  if (unmet.length > 0) return unmet.map(conditionOf)
  if (status === 'OK') return []
  return [finding({ class: 'quality', id: 'quality_gate', ...severityOf(status), title: 'The quality gate is not met' })]
}

function conditionOf(condition: JsonObject): Finding {
  const metric = textOf(condition['metric'])
  if (metric === null) throw malformed('sonarqube', 'has a condition without metric')
  const actual = textOf(condition['value']) ?? textOf(condition['actual']) ?? '?'
  const threshold = textOf(condition['errorThreshold']) ?? textOf(condition['error']) ?? '?'
  const status = textOf(condition['status']) ?? textOf(condition['level']) ?? ''
  const operator = textOf(condition['operator']) ?? textOf(condition['op']) ?? ''
  return finding({
    class: 'quality',
    id: metric,
    ...severityOf(status),
    title: `${metric} is ${actual}: ${operator} ${threshold}`.slice(0, 300),
  })
}

/** ERROR fails the gate, which is as bad as SonarQube can say; WARN, of versions before 7.6, did not. */
function severityOf(status: string): Pick<Finding, 'severity' | 'toolSeverity'> {
  return { severity: status === 'WARN' ? 'medium' : status === 'ERROR' ? 'critical' : parseSeverity(status), toolSeverity: status }
}
