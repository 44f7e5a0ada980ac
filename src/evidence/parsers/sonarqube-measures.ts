import type { EvidenceClass } from '../../core/evidence-class.ts'
import { parseBoundedJson } from '../../core/bounded-json.ts'
import type { CoverageTotals, ParsedReport, TestTotals } from '../model.ts'
import { numberCount, ratioOf } from './coverage-fields.ts'
import { isObject, objectOf, objectsOf, textOf, type JsonObject } from './json-fields.ts'
import { itemsOf, malformed, report } from './report.ts'
import { gateFindings, gateMeasure, gateOf } from './sonarqube-gate.ts'

/**
 * Reads the measures of a project. Each that is a number becomes a measure; those that tell coverage, tests or the quality gate
 * make the report speak for these classes.
 */
export function readMeasures(json: JsonObject): ParsedReport {
  const component = objectOf(json['component'])
  const texts = textsOf(component)
  const figures = numbersIn(texts)
  const [coverage, tests, gate] = [coverageOf(figures), testsOf(figures), texts.get('alert_status')]
  const key = textOf(component['key'])
  return report({ name: 'sonarqube', version: null }, classesOf(texts, coverage, tests), {
    ...(texts.size === 0 && NOTHING_MEASURED),
    examined: key === null ? [] : [`measures of ${key}`, ...(gate === undefined ? [] : [gateOf(key, {})])],
    findings: gate === undefined ? [] : gateFindings(gate, conditionsOf(texts.get('quality_gate_details'))),
    coverage,
    tests,
    measures: { ...Object.fromEntries(figures), ...complexityOf(figures), ...(gate !== undefined && gateMeasure(gate)) },
  })
}

/** On average: SonarQube adds up what the functions have. */
function complexityOf(figures: ReadonlyMap<string, number>): Record<string, number> {
  const [complexity, functions] = [figures.get('complexity'), figures.get('functions')]
  return complexity === undefined || functions === undefined || functions <= 0 ? {} : { complexity_per_function: complexity / functions }
}

const NOTHING_MEASURED = { completeness: 'empty', completenessReason: 'SonarQube lists no measure.' } as const

function classesOf(texts: ReadonlyMap<string, string>, coverage: CoverageTotals | null, tests: TestTotals | null): EvidenceClass[] {
  const quality = texts.size === 0 || [...texts.keys()].some((metric) => !OF_COVERAGE.has(metric) && !OF_TESTS.has(metric))
  const told: EvidenceClass[] = [
    ...(quality ? ['quality' as const] : []),
    ...(coverage ? ['coverage' as const] : []),
    ...(tests ? ['tests' as const] : []),
  ]
  return told.length > 0 ? told : ['quality']
}

/** Measures of new code have their value in a period. */
function textsOf(component: JsonObject): Map<string, string> {
  const texts = new Map<string, string>()
  for (const measure of itemsOf('sonarqube', component, 'measures')) {
    const metric = textOf(measure['metric'])
    if (metric === null) throw malformed('sonarqube', 'has a measure without metric')
    const value = [measure, objectOf(measure['period']), ...objectsOf(measure['periods'])]
      .map((owner) => textOf(owner['value']))
      .find((text) => text !== null)
    if (value !== undefined && value !== null) texts.set(metric, value)
  }
  return texts
}

function numbersIn(texts: ReadonlyMap<string, string>): Map<string, number> {
  const numbers = [...texts].map(([metric, text]) => [metric, /^-?\d{1,15}(?:\.\d{1,15})?$/.test(text) ? Number(text) : undefined] as const)
  return new Map(numbers.filter((entry): entry is [string, number] => entry[1] !== undefined))
}

const OF_COVERAGE = new Set(['lines_to_cover', 'uncovered_lines', 'conditions_to_cover', 'uncovered_conditions'])
const OF_TESTS = new Set(['tests', 'test_failures', 'test_errors', 'skipped_tests'])

/** Only from counts: percentages are rounded, and SonarQube's `coverage` mixes lines with branches. */
function coverageOf(figures: ReadonlyMap<string, number>): CoverageTotals | null {
  const ratio = (what: string, all: string, missed: string) => {
    if (!figures.has(all) || !figures.has(missed)) return null
    const total = numberCount('sonarqube', all, figures.get(all))
    const uncovered = numberCount('sonarqube', missed, figures.get(missed))
    if (uncovered > total) throw malformed('sonarqube', `states more uncovered ${what} than there are`)
    return ratioOf('sonarqube', what, total - uncovered, total)
  }
  const lines = ratio('lines', 'lines_to_cover', 'uncovered_lines')
  return lines && { lines, branches: ratio('branches', 'conditions_to_cover', 'uncovered_conditions'), functions: null }
}

/** `tests` leaves the skipped ones out. Without failures and errors both, nobody can say that none failed. */
function testsOf(figures: ReadonlyMap<string, number>): TestTotals | null {
  if (!['tests', 'test_failures', 'test_errors'].every((metric) => figures.has(metric))) return null
  const count = (metric: string): number => numberCount('sonarqube', metric, figures.get(metric) ?? 0)
  const [run, failed, errored, skipped] = [count('tests'), count('test_failures'), count('test_errors'), count('skipped_tests')]
  if (failed + errored > run) throw malformed('sonarqube', 'states more failed tests than there are')
  if (run === 0) return null
  return { total: run + skipped, passed: run - failed - errored, failed, errored, skipped, passedNames: [], failing: [], flaky: [] }
}

/** The details are a JSON text of their own. */
function conditionsOf(details: string | undefined): JsonObject[] {
  if (details === undefined) return []
  try {
    const parsed = parseBoundedJson(details)
    if (isObject(parsed)) return itemsOf('sonarqube', parsed, 'conditions')
  } catch {
    // The message quotes the text, and there is one answer to all that can be wrong with it.
  }
  throw malformed('sonarqube', 'has quality_gate_details that cannot be read')
}
