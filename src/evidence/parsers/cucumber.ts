import { parseInstant } from '../../core/time.ts'
import type { ReportParser } from '../parser.ts'
import { CaseTally } from './case-tally.ts'
import { instantOf, isObject, type JsonObject, objectOf, stringsOf, textOf } from './json-fields.ts'
import { itemsOf, jsonOf, malformed, report, wrongFormat } from './report.ts'
import { caseResult, messageOf, type Outcome } from './test-case.ts'
import { partsOf, testsResult } from './test-totals.ts'

/**
 * The JSON of Cucumber's `json` formatter, as Cucumber for Ruby, Java and JavaScript, behave, godog and Reqnroll write it. A case is a scenario,
 * and as bad as the worst of its steps and hooks, and of those of the background before it. Steps that are undefined or pending are errors, as in
 * Cucumber's strict mode.
 * https://github.com/cucumber/cucumber-json-schema
 */
export const cucumber: ReportParser = {
  format: 'cucumber',
  classes: ['tests'],
  claims: ({ json }) => Array.isArray(json) && json.length > 0 && json.every(isFeature),
  parse: (source) => {
    const features = jsonOf('cucumber', source)
    if (!Array.isArray(features) || !isFeature(features[0] ?? NO_FEATURE)) throw wrongFormat('cucumber', 'it is no list of features')
    const run: Run = { tally: new CaseTally(), reportedAt: null }
    features.forEach((feature: unknown, index) => addFeature(run, feature, index))
    return report({ name: 'cucumber', version: null }, ['tests'], {
      reportedAt: run.reportedAt,
      examined: partsOf(features.map(fileOf)),
      ...testsResult(run.tally),
    })
  },
}

/** Stands for the first feature of an empty list, which is a report if the sender says so. */
const NO_FEATURE: JsonObject = { keyword: '', name: '', uri: '' }

function isFeature(item: unknown): item is JsonObject {
  if (!isObject(item) || typeof item['keyword'] !== 'string' || typeof item['name'] !== 'string') return false
  return typeof item['uri'] === 'string' || typeof item['location'] === 'string'
}

/** behave writes the line of the feature behind the name of its file. */
function fileOf(feature: unknown): string | null {
  const { uri, location } = objectOf(feature)
  return textOf(uri) ?? textOf(location)?.replace(/:\d{1,9}$/, '') ?? null
}

interface Run {
  tally: CaseTally
  /** When the first of its scenarios began. */
  reportedAt: string | null
}

/** How bad a scenario is so far; undefined as long as nothing in it says that it ran or was to run. */
interface Result {
  outcome: Outcome | undefined
  message: string | null
}

const NOTHING: Result = { outcome: undefined, message: null }

function addFeature(run: Run, feature: unknown, index: number): void {
  if (!isFeature(feature)) throw malformed('cucumber', `has something other than a feature at ${index}`)
  const suite = textOf(feature['name']) ?? textOf(feature['uri'])
  let background = NOTHING
  for (const element of itemsOf('cucumber', feature, 'elements')) {
    const own = resultOf(element)
    if (isBackground(element)) {
      background = worse(background, own)
      continue
    }
    addScenario(run, suite, element, worse(background, own))
    background = NOTHING
  }
  // Steps of a background that no scenario follows, which is what stays of a feature that broke off in it.
  if (isBad(background.outcome)) run.tally.addSuiteFailure(suite, background.outcome, background.message)
}

/** behave does not type its elements before version 1.2.7. */
function isBackground({ type, keyword }: JsonObject): boolean {
  return type === 'background' || (type === undefined && keyword === 'Background')
}

function addScenario(run: Run, suite: string | null, element: JsonObject, { outcome, message }: Result): void {
  const time = instantOf(element['start_timestamp'])
  if ((parseInstant(time) ?? Infinity) < (parseInstant(run.reportedAt) ?? Infinity)) run.reportedAt = time
  // A scenario without a step that ran shows nothing.
  run.tally.add(caseResult({ suite, name: textOf(element['name'])?.trim() || 'unnamed', outcome: outcome ?? 'skipped', message }))
}

/** Words of all writers for a step, a hook and, with behave, a scenario; a word that none knows must not pass. */
const OUTCOMES: ReadonlyMap<string, Outcome> = new Map([
  ['passed', 'passed'],
  ['failed', 'failed'],
  ['ambiguous', 'failed'],
  ['skipped', 'skipped'],
  ['untested', 'skipped'],
  ['unused', 'skipped'],
  ['disabled', 'skipped'],
] as const)

const BADNESS: readonly (Outcome | undefined)[] = [undefined, 'passed', 'skipped', 'errored', 'failed']

function isBad(outcome: Outcome | undefined): outcome is 'failed' | 'errored' {
  return outcome === 'failed' || outcome === 'errored'
}

function worse(one: Result, other: Result): Result {
  const worst = BADNESS.indexOf(other.outcome) > BADNESS.indexOf(one.outcome) ? other : one
  return { outcome: worst.outcome, message: worst.message ?? one.message ?? other.message }
}

/**
 * The worst of a scenario's or background's steps and hooks. A status of its own, which behave writes, can only make it worse: one that says that
 * it passed without a step that did shows nothing.
 */
function resultOf(element: JsonObject): Result {
  // behave leaves out the result of a step that did not run, and those of a background: it lists its steps once more with each scenario.
  const unstated = isBackground(element) ? NOTHING : SKIPPED
  const steps = itemsOf('cucumber', element, 'steps')
  const hooked = [element, ...steps].flatMap((owner) => [...itemsOf('cucumber', owner, 'before'), ...itemsOf('cucumber', owner, 'after')])
  const ran = [...steps.map((step) => stepResult(step, unstated)), ...hooked.map((hook) => stepResult(hook, NOTHING))].reduce(
    worse,
    NOTHING,
  )
  const status = textOf(element['status'])
  const stated = status === null ? undefined : outcomeOf(status)
  return stated === undefined || stated === 'passed' ? ran : worse(ran, { outcome: stated, message: null })
}

const SKIPPED: Result = { outcome: 'skipped', message: null }

function stepResult(step: JsonObject, unstated: Result): Result {
  const result = step['result']
  if (result === undefined || result === null) return unstated
  if (!isObject(result)) throw malformed('cucumber', 'has a step with a result that is no object')
  const { status, error_message: error } = result
  const outcome = outcomeOf(status)
  if (!isBad(outcome)) return { outcome, message: null }
  const lines = Array.isArray(error) ? stringsOf(error).join('\n') : error
  const name = (textOf(step['name']) ?? '').slice(0, 200)
  return { outcome, message: messageOf(lines, `The step ${JSON.stringify(name)} is ${wordOf(status)}.`) }
}

function outcomeOf(status: unknown): Outcome {
  return (typeof status === 'string' ? OUTCOMES.get(status.toLowerCase()) : undefined) ?? 'errored'
}

/** The status is attacker-controlled: shown only if it is a plain word. */
function wordOf(status: unknown): string {
  return typeof status === 'string' && /^[A-Za-z_]{1,40}$/.test(status) ? status.toLowerCase() : 'of an unknown status'
}
