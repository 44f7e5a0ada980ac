import type { Finding, ParsedReport } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { FindingList } from './finding-list.ts'
import { instantOf, isObject, objectOf, textOf, type JsonObject } from './json-fields.ts'
import { finding, itemsOf, jsonBytes, jsonOf, malformed, REDACTED, report, wrongFormat } from './report.ts'

/**
 * The end-of-test summary of k6, in its three shapes: of `handleSummary`, of `--summary-export`, and the machine-readable one.
 * What `setup()` returned is blanked: scripts hand credentials on that way.
 * A threshold that was crossed is a finding; every figure is a measure, `http_req_duration.p(95)` for example, and
 * `thresholds` is how many there were.
 * https://grafana.com/docs/k6/latest/results-output/end-of-test/
 */
export const k6: ReportParser = {
  format: 'k6',
  classes: ['performance'],
  claims: ({ json }) => isSummary(json),
  parse: (source) => {
    const json = jsonOf('k6', source)
    if (!isSummary(json)) throw wrongFormat('k6', 'it is none of the three shapes of the summary')
    const metrics = metricsOf(json)
    const measures = metrics.flatMap((metric) =>
      Object.entries(metric.values).map(([stat, value]) => [`${metric.name}.${stat}`, value] as const),
    )
    if (measures.length > MAX_MEASURES) throw malformed('k6', `has more than ${MAX_MEASURES} figures`)
    const metadata = objectOf(json['metadata'])
    return report({ name: 'k6', version: textOf(metadata['k6Version']) }, ['performance'], {
      ...completenessOf(metrics),
      reportedAt: instantOf(metadata['generatedAt']),
      findings: crossed(metrics),
      measures: { ...Object.fromEntries(measures), thresholds: metrics.reduce((sum, metric) => sum + metric.thresholds.length, 0) },
      redacted: 'setup_data' in json ? jsonBytes({ ...json, setup_data: REDACTED }) : null,
    })
  },
}

const MAX_MEASURES = 10_000

/** A metric as all three shapes have it. */
interface Metric {
  name: string
  values: Readonly<Record<string, number>>
  /** Expression → whether it was crossed. */
  thresholds: readonly (readonly [string, boolean])[]
}

function isSummary(json: unknown): json is JsonObject {
  if (!isObject(json)) return false
  const { metrics, root_group: checks, metadata, results } = json
  if (textOf(objectOf(metadata)['k6Version']) !== null) return Array.isArray(objectOf(results)['metrics'])
  return isObject(checks) && isObject(metrics) && Object.values(metrics).every(isObject)
}

function metricsOf(json: JsonObject): Metric[] {
  const results = objectOf(json['results'])
  if (Array.isArray(results['metrics']))
    return [...itemsOf('k6', results, 'metrics'), ...itemsOf('k6', objectOf(results['checks']), 'metrics')].map((metric) => {
      const name = textOf(metric['name'])
      if (name === null || !isObject(metric['values'])) throw malformed('k6', 'has a metric without name or values')
      return ofHandleSummary(name, metric)
    })
  return Object.entries(objectOf(json['metrics'])).map(([name, metric]) =>
    'values' in objectOf(metric) ? ofHandleSummary(name, objectOf(metric)) : ofSummaryExport(name, objectOf(metric)),
  )
}

function ofHandleSummary(name: string, metric: JsonObject): Metric {
  const thresholds = thresholdsOf(name, metric, (value) => {
    const ok = objectOf(value)['ok']
    return typeof ok === 'boolean' ? !ok : undefined
  })
  return { name, values: numbersIn(objectOf(metric['values'])), thresholds }
}

/** Here `true` says that the threshold was crossed. */
function ofSummaryExport(name: string, metric: JsonObject): Metric {
  const thresholds = thresholdsOf(name, metric, (value) => (typeof value === 'boolean' ? value : undefined))
  return { name, values: numbersIn(metric), thresholds }
}

function thresholdsOf(name: string, metric: JsonObject, isCrossed: (value: unknown) => boolean | undefined): [string, boolean][] {
  const thresholds = metric['thresholds'] ?? {}
  if (!isObject(thresholds)) throw malformed('k6', `has thresholds of ${name.slice(0, 80)} that are no object`)
  return Object.entries(thresholds).map(([expression, value]) => {
    const outcome = isCrossed(value)
    if (outcome === undefined) throw malformed('k6', `does not say whether a threshold of ${name.slice(0, 80)} was met`)
    return [expression, outcome]
  })
}

function numbersIn(values: JsonObject): Record<string, number> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, number] => Number.isFinite(entry[1])))
}

/** A run that completed no iteration measured nothing of the system, whatever k6 says of itself. */
function completenessOf(metrics: readonly Metric[]): Partial<ParsedReport> {
  const iterations = metrics.find((metric) => metric.name === 'iterations')?.values['count'] ?? 0
  return iterations > 0 ? {} : { completeness: 'empty', completenessReason: 'The run completed no iteration.' }
}

function crossed(metrics: readonly Metric[]): Finding[] {
  const findings = new FindingList()
  for (const { name, thresholds } of metrics)
    for (const [expression, isCrossed] of thresholds)
      if (isCrossed)
        findings.add(
          finding({ class: 'performance', id: `${name}: ${expression}`, severity: 'high', title: `${name} crossed ${expression}` }),
        )
  return findings.all()
}
