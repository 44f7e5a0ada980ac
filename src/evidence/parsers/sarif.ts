import type { Completeness, EvidenceClass } from '../../core/evidence-class.ts'
import { parseInstant } from '../../core/time.ts'
import type { Finding, ParsedReport } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { FindingList } from './finding-list.ts'
import { digestIn, digestsIn, instantOf, isObject, objectOf, objectsOf, textOf, type JsonObject } from './json-fields.ts'
import { itemsOf, jsonBytes, jsonOf, malformed, report, wrongFormat } from './report.ts'
import { QuotedCode, redactSarif, type Quoting } from './sarif-redaction.ts'
import { isFailure, readResult } from './sarif-results.ts'
import { SarifRules } from './sarif-rules.ts'
import { classOfTool } from './sarif-tools.ts'

/**
 * SARIF 2.1.0, the static analysis results interchange format.
 * https://docs.oasis-open.org/sarif/sarif/v2.1.0/
 */
export const sarif: ReportParser = {
  format: 'sarif',
  classes: ['sast', 'vulnerabilities', 'misconfigurations', 'secrets', 'dast', 'licences'],
  claims: ({ json }) => isSarif(json),
  parse: (source) => {
    const json = jsonOf('sarif', source)
    if (!isSarif(json)) throw wrongFormat('sarif', 'it has no version and runs')
    if (json['version'] !== '2.1.0') throw wrongFormat('sarif', 'its version is not 2.1.0')
    return parseLog(json)
  },
}

function isSarif(json: unknown): json is JsonObject {
  return isObject(json) && 'runs' in json && typeof json['version'] === 'string'
}

function parseLog(log: JsonObject): ParsedReport {
  const findings = new FindingList()
  const runs = itemsOf('sarif', log, 'runs').map((run) => readRun(run, findings))
  const quoting = runs.map((run) => run.quoting)
  const code = new QuotedCode(log, quoting)
  // Titles of secrets are those of their rules.
  const quotes = ({ class: about, title }: Finding): boolean => about !== 'secrets' && title !== null && code.isIn(title)
  const found = findings.all().map((item) => (quotes(item) ? { ...item, title: null } : item))
  const classes = new Set([...runs.flatMap((run) => run.classes), ...found.map((item) => item.class)])
  return report(toolOf(runs), classes.size > 0 ? sarif.classes.filter((name) => classes.has(name)) : ['sast'], {
    ...completenessOf(log, runs),
    reportedAt: earliest(runs.flatMap((run) => run.reportedAt ?? [])),
    statedDigests: [...new Set(runs.flatMap((run) => run.statedDigests))],
    confirmingDigests: [...new Set(runs.flatMap((run) => run.confirmingDigests))],
    examined: categoriesOf(runs),
    findings: found,
    redacted: quoting.some(({ results }) => results.size > 0) ? jsonBytes(redactSarif(log, quoting, code)) : null,
  })
}

function categoryOf(id: string | null): string | null {
  return id === null || !id.includes('/') ? null : id.slice(0, id.lastIndexOf('/'))
}

/**
 * By what the analyses of one tool are told apart (`/language:java/`): what stands before the last slash; after it stands the run's own id.
 * Section 3.17.3. A run without it speaks for all.
 */
function categoriesOf(runs: readonly Run[]): string[] {
  const categories = runs.map(({ category }) => category)
  return categories.every((category) => category !== null) ? [...new Set(categories)] : []
}

interface Run extends Pick<ParsedReport, 'tool' | 'reportedAt' | 'statedDigests' | 'confirmingDigests'> {
  /** What the run examined, as far as its tool tells; its results may tell of more. */
  classes: EvidenceClass[]
  category: string | null
  outcome: Completeness
  reason: string | null
  quoting: Quoting
}

function readRun(run: JsonObject, findings: FindingList): Run {
  const driver = objectOf(objectOf(run['tool'])['driver'])
  const name = textOf(driver['name'])
  if (name === null) throw malformed('sarif', 'has a run that does not name its tool')
  const results = itemsOf('sarif', run, 'results')
  const rules = new SarifRules(run)
  const toolClass = classOfTool(name)
  const quoting: Quoting = { results: new Set(), rules: new Set() }
  let ownClass = results.length === 0
  for (const [index, result] of results.entries()) {
    const read = readResult(result, run, rules, toolClass)
    if (read.quotesSecret) {
      quoting.results.add(index)
      quoting.rules.add(read.rule)
    }
    if (read.finding.class === toolClass) ownClass = true
    if (isFailure(result)) findings.add(read.finding, read.distinction)
  }
  return {
    // Lower case: the same tool as in its own format, however its driver is spelled.
    tool: { name: name.trim().toLowerCase().replace(/\s+/g, '-'), version: textOf(driver['semanticVersion']) ?? textOf(driver['version']) },
    classes: ownClass ? [toolClass] : [],
    category: categoryOf(textOf(objectOf(run['automationDetails'])['id'])),
    ...outcomeOf(run, name),
    reportedAt: earliest(objectsOf(run['invocations']).flatMap((item) => instantOf(item['endTimeUtc']) ?? [])),
    ...digestsOf(run),
    quoting,
  }
}

/** Sections 3.14.23 (results), 3.20.14 (executionSuccessful) and 3.20.21 (notifications). */
function outcomeOf(run: JsonObject, tool: string): { outcome: Completeness; reason: string | null } {
  const invocations = itemsOf('sarif', run, 'invocations')
  if (invocations.some(hasFailed)) return { outcome: 'failed', reason: `${tool} says that its run was not successful.` }
  if (itemsOf('sarif', objectOf(run['externalPropertyFileReferences']), 'results').length > 0)
    return { outcome: 'partial', reason: `Results of ${tool} are in other files, which are not part of the report.` }
  if (run['results'] === undefined || run['results'] === null)
    return { outcome: 'failed', reason: `The run of ${tool} has no results, which says that they were not computed.` }
  if (invocations.some(hasErrors)) return { outcome: 'partial', reason: `${tool} notes errors of its run.` }
  if (leavesOpenWhatRan(run, tool))
    return { outcome: 'empty', reason: 'Trivy found nothing and does not say what it looked for: send its JSON.' }
  return { outcome: 'complete', reason: null }
}

/**
 * Trivy names a scanner only in the rules of what it found, so that a clean `trivy config` looks like a clean search for
 * vulnerabilities. Of images it says the name, and those it searches for vulnerabilities by default.
 */
function leavesOpenWhatRan(run: JsonObject, tool: string): boolean {
  const found = Array.isArray(run['results']) && run['results'].length > 0
  return /^trivy\b/i.test(tool) && !found && textOf(objectOf(run['properties'])['imageName']) === null
}

function hasFailed(invocation: JsonObject): boolean {
  const crashed = textOf(invocation['processStartFailureMessage']) ?? textOf(invocation['exitSignalName'])
  return invocation['executionSuccessful'] === false || crashed !== null
}

function hasErrors(invocation: JsonObject): boolean {
  return ['toolExecutionNotifications', 'toolConfigurationNotifications'].some((list) =>
    itemsOf('sarif', invocation, list).some((notification) => notification['level'] === 'error'),
  )
}

/** The log as a whole: runs that differ make it partial. */
function completenessOf(log: JsonObject, runs: readonly Run[]): Pick<ParsedReport, 'completeness' | 'completenessReason'> {
  if (!Array.isArray(log['runs']))
    return { completeness: 'failed', completenessReason: 'The log has no runs: the tool could not get at them.' }
  if (runs.length === 0) return { completeness: 'empty', completenessReason: 'The log has no runs: nothing was examined.' }
  if (itemsOf('sarif', log, 'inlineExternalProperties').some((item) => itemsOf('sarif', item, 'results').length > 0))
    return { completeness: 'partial', completenessReason: 'Results stand outside of the runs, in inlineExternalProperties.' }
  const imperfect = runs.find((run) => run.outcome === 'failed') ?? runs.find((run) => run.outcome !== 'complete')
  if (!imperfect) return { completeness: 'complete', completenessReason: null }
  const alike = runs.every((run) => run.outcome === imperfect.outcome)
  return { completeness: alike ? imperfect.outcome : 'partial', completenessReason: imperfect.reason }
}

/** Several tools in one log are one tool of a joint name, so that each part counts only together with the others. */
function toolOf(runs: readonly Run[]): ParsedReport['tool'] {
  const names = [...new Set(runs.map((run) => run.tool.name))].sort()
  return { name: names.length > 0 ? names.join('+') : 'sarif', version: names.length === 1 ? (runs[0]?.tool.version ?? null) : null }
}

/** Trivy names the image in the properties of the run. */
function digestsOf(run: JsonObject): Pick<ParsedReport, 'statedDigests' | 'confirmingDigests'> {
  const { repoDigests, imageID } = objectOf(run['properties'])
  const config = digestIn(imageID)
  return { statedDigests: digestsIn(repoDigests), confirmingDigests: config ? [config] : [] }
}

/** The report is as old as its oldest part. */
function earliest(times: readonly string[]): string | null {
  return times.reduce<string | null>((a, b) => (a === null || (parseInstant(b) ?? 0) < (parseInstant(a) ?? 0) ? b : a), null)
}
