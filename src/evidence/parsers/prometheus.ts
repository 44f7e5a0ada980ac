import { AppError } from '../../core/app-error.ts'
import type { ParsedReport } from '../model.ts'
import type { ReportErrorCode, ReportParser } from '../parser.ts'
import { isObject, objectOf, stringsOf, textOf, type JsonObject } from './json-fields.ts'
import { jsonOf, malformed, report, toolError, wrongFormat } from './report.ts'

const FORMAT = 'prometheus'

/**
 * Prometheus's reply to a query, `GET /api/v1/query` or `/api/v1/query_range`; Thanos, Mimir and VictoriaMetrics give the same. It doesn't say
 * what was asked: the name of the evidence does. An answer without samples is a whole one: whether no data passes is for a policy to say.
 * https://prometheus.io/docs/prometheus/latest/querying/api/
 */
export const prometheus: ReportParser = {
  format: FORMAT,
  classes: ['metrics'],
  claims: ({ json }) => isReply(json),
  parse: (source) => {
    const json = jsonOf(FORMAT, source)
    if (isObject(json) && json['status'] === 'error' && 'errorType' in json) throw toolError(FORMAT, 'the query failed')
    if (!isReply(json)) throw wrongFormat(FORMAT, 'it is no successful reply to a query')
    const series = seriesOf(objectOf(json['data']))
    const samples = series.flatMap((one) => one.samples)
    const newest = samples.reduce<number | null>((latest, { at }) => (latest === null || at > latest ? at : latest), null)
    return report({ name: FORMAT, version: null }, ['metrics'], {
      ...completenessOf(json),
      reportedAt: newest === null ? null : new Date(newest * 1000).toISOString(),
      document: {
        series: series.map((one) => ({
          labels: one.labels,
          values: one.samples.flatMap(({ value }) => (Number.isNaN(value) ? [] : [value])),
        })),
        newest: newest === null ? null : Math.floor(newest),
      },
    })
  },
}

interface Sample {
  /** Seconds since the epoch. */
  at: number
  /** Not a number where there was nothing to divide by; what is infinite is the greatest number that there is. */
  value: number
}

interface Series {
  labels: string
  samples: Sample[]
}

const RESULT_TYPES: readonly unknown[] = ['matrix', 'vector', 'scalar']

function isReply(json: unknown): json is JsonObject {
  if (!isObject(json) || json['status'] !== 'success' || !isObject(json['data'])) return false
  return RESULT_TYPES.includes(json['data']['resultType']) && Array.isArray(json['data']['result'])
}

/** Warnings tell of parts that did not answer. */
function completenessOf(json: JsonObject): Partial<ParsedReport> {
  const warnings = json['warnings']
  const isSilent = warnings === undefined || warnings === null || (Array.isArray(warnings) && warnings.length === 0)
  const [first = 'unnamed'] = stringsOf(warnings)
  return isSilent ? {} : { completeness: 'partial', completenessReason: `Prometheus warns of the result: ${first.slice(0, 200)}.` }
}

/** More than policies can judge in their time. */
const MAX_SAMPLES = 20_000

/** @throws {ReportError} `report_malformed`, `report_too_complex` */
function seriesOf({ resultType, result }: JsonObject): Series[] {
  const list: unknown[] = Array.isArray(result) ? result : []
  const series =
    resultType === 'scalar' ? [{ labels: '', samples: [sampleOf(list)] }] : list.map(resultType === 'matrix' ? rangeOf : instantOf)
  if (series.reduce((sum, { samples }) => sum + samples.length, 0) <= MAX_SAMPLES) return series
  throw new AppError<ReportErrorCode>('report_too_complex', `The reply holds more than ${MAX_SAMPLES} samples.`, {
    field: 'body',
    remedy: 'Aggregate in the query, or ask for larger steps.',
  })
}

function rangeOf(item: unknown): Series {
  const { metric, values, histograms } = objectOf(item)
  if (!Array.isArray(values) || histograms !== undefined) throw malformed(FORMAT, 'has a series without values, or of histograms')
  return { labels: labelsOf(metric), samples: values.map(sampleOf) }
}

function instantOf(item: unknown): Series {
  const { metric, value, histogram } = objectOf(item)
  if (histogram !== undefined) throw malformed(FORMAT, 'has a histogram, which is no single value')
  return { labels: labelsOf(metric), samples: [sampleOf(value)] }
}

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?(?:e[+-]?\d+)?)$/i
const SPECIAL: ReadonlyMap<string, number> = new Map([
  ['NaN', Number.NaN],
  ['+Inf', Number.MAX_VALUE],
  ['Inf', Number.MAX_VALUE],
  ['-Inf', -Number.MAX_VALUE],
])
/** The end of the year 9999, in seconds. */
const LATEST = 253_402_300_799

/** `[seconds, "value"]`. */
function sampleOf(pair: unknown): Sample {
  const [at, text] = Array.isArray(pair) ? (pair as unknown[]) : []
  const value = typeof text === 'string' ? (SPECIAL.get(text) ?? (NUMBER.test(text) ? bounded(Number(text)) : undefined)) : undefined
  if (typeof at !== 'number' || !(at >= 0 && at <= LATEST) || value === undefined || !Array.isArray(pair) || pair.length !== 2)
    throw malformed(FORMAT, 'has a sample that is not a time with a number')
  return { at, value }
}

function bounded(value: number): number {
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value))
}

const MAX_LABELS = 200

/** Enough to tell the series apart: `job=api, code=500`. */
function labelsOf(metric: unknown): string {
  const labels = Object.entries(objectOf(metric)).flatMap(([name, value]) => (textOf(value) === null ? [] : [`${name}=${String(value)}`]))
  return labels.sort().join(', ').slice(0, MAX_LABELS)
}
