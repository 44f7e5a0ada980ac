import type { Digest } from '../../core/digest.ts'
import type { EvidenceClass } from '../../core/evidence-class.ts'
import type { ParsedReport } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { FindingList } from './finding-list.ts'
import { digestIn, isObject, numberOf, objectOf, textOf, type JsonObject } from './json-fields.ts'
import { itemsOf, jsonOf, malformed, report, wrongFormat } from './report.ts'
import { snykBinaryIssues, snykIssue } from './snyk-issues.ts'

/**
 * `snyk test --json` and `snyk container test --json`: one project, or a list of them (`--all-projects`, several images); an image holds its
 * `applications`. Snyk repeats a vulnerability for each path to the package: counted once per id, package and version.
 * https://docs.snyk.io/snyk-cli/commands/test
 */
export const snyk: ReportParser = {
  format: 'snyk',
  classes: ['vulnerabilities', 'licences'],
  claims: ({ json }) => (Array.isArray(json) ? json.length > 0 && json.every(isResult) : isResult(json)),
  parse: (source) => {
    const json = jsonOf('snyk', source)
    const results: unknown[] = Array.isArray(json) ? json : [json]
    if (!results.every(isResult)) throw wrongFormat('snyk', 'it is neither a tested project (ok, vulnerabilities) nor a list of them')
    return readProjects(results.flatMap(withApplications))
  },
}

function isResult(json: unknown): json is JsonObject {
  return isProject(json) || isError(json)
}

/** `snyk iac test` writes an always empty list of vulnerabilities beside its own issues. */
function isProject(json: unknown): json is JsonObject {
  return isObject(json) && typeof json['ok'] === 'boolean' && 'vulnerabilities' in json && !('infrastructureAsCodeIssues' in json)
}

/** What Snyk writes in place of a project that it could not test. */
function isError(json: unknown): json is JsonObject {
  return isObject(json) && json['ok'] === false && (json['error'] ?? null) !== null && !('vulnerabilities' in json)
}

function withApplications(project: JsonObject): JsonObject[] {
  return [project, ...itemsOf('snyk', project, 'applications')]
}

function readProjects(projects: readonly JsonObject[]): ParsedReport {
  const findings = new FindingList()
  const places = new Map<string, string>()
  for (const project of projects) if (!isError(project)) readProject(project, findings, places)
  const found = findings.all()
  const licences = found.some((finding) => finding.class === 'licences') || projects.some(hasLicencePolicy)
  const classes: EvidenceClass[] = licences ? ['vulnerabilities', 'licences'] : ['vulnerabilities']
  return report({ name: 'snyk', version: null }, classes, {
    ...completenessOf(projects),
    statedDigests: digestsOf(projects),
    ...partsOf(projects),
    findings: found,
  })
}

/** Without rules of the organisation Snyk reports no licences; with them, none found says that none is against the rules. */
function hasLicencePolicy(project: JsonObject): boolean {
  return Object.keys(objectOf(objectOf(project['licensesPolicy'])['orgLicenseRules'])).length > 0
}

function readProject(project: JsonObject, findings: FindingList, places: Map<string, string>): void {
  if (!isProject(project) || !Array.isArray(project['vulnerabilities'])) throw malformed('snyk', 'has a project without vulnerabilities')
  const place = placeOf(project)
  const filtered = project['filtered'] ?? {}
  if (!isObject(filtered)) throw malformed('snyk', 'has something other than an object as filtered')
  const issues = [
    ...itemsOf('snyk', project, 'vulnerabilities').map((item) => snykIssue(item, project)),
    ...snykBinaryIssues(project),
    ...itemsOf('snyk', filtered, 'ignore').map((item) => ({ ...snykIssue(item, project), ...suppressedBy(item, 'ignored') })),
    ...itemsOf('snyk', filtered, 'patch').map((item) => ({ ...snykIssue(item, project), ...suppressedBy(item, 'patched') })),
  ]
  if (issues.length === 0 && (project['ok'] === false || (numberOf(project['uniqueCount']) ?? 0) > 0))
    throw malformed('snyk', 'says that a project is not ok, but lists nothing')
  for (const issue of issues) {
    // The first place stays, so that the same package in several projects counts once.
    const identity = JSON.stringify([issue.class, issue.id, issue.package, issue.version])
    const location = places.get(identity) ?? place
    if (location !== null) places.set(identity, location)
    findings.add({ ...issue, location })
  }
}

/** What a policy file or an ignore on the platform took out of the result, with the reason that its author gave. */
function suppressedBy(item: JsonObject, field: 'ignored' | 'patched'): { suppressed: true; suppressionReason: string } {
  const entries = objectOf(item['filtered'])[field]
  const reasons = (Array.isArray(entries) ? entries : []).map((entry) => textOf(objectOf(entry)['reason']))
  return { suppressed: true, suppressionReason: reasons.find((reason) => reason !== null) ?? `${field} by a Snyk policy` }
}

function completenessOf(projects: readonly JsonObject[]): Partial<ParsedReport> {
  const failed = projects.filter((project) => (project['error'] ?? null) !== null).length
  if (projects.length > 0 && failed === projects.length)
    return { completeness: 'failed', completenessReason: 'Snyk says that it could not test the project.' }
  if (failed > 0) return { completeness: 'partial', completenessReason: `Snyk could not test ${failed} of the projects.` }
  if (projects.every((project) => project['dependencyCount'] === 0))
    return { completeness: 'empty', completenessReason: 'Snyk found no dependencies to examine.' }
  return {}
}

/** An image is examined whole; of anything else, the projects that are named. */
function partsOf(projects: readonly JsonObject[]): Pick<ParsedReport, 'platform' | 'examined'> {
  const image = projects.find((project) => 'docker' in project)
  if (image) return { platform: textOf(image['platform']), examined: [] }
  const names = projects.map((project) => placeOf(project) ?? textOf(project['path']))
  return { platform: null, examined: names.every((name) => name !== null) ? [...new Set(names)] : [] }
}

function placeOf(project: JsonObject): string | null {
  return textOf(project['displayTargetFile']) ?? textOf(project['targetFile']) ?? textOf(project['projectName'])
}

/** Snyk names the image as it was called; that tells the digest only if it was called by it. */
function digestsOf(projects: readonly JsonObject[]): Digest[] {
  const images = projects.filter((project) => 'docker' in project)
  return [...new Set(images.flatMap((image) => digestIn(image['path']) ?? digestIn(image['projectName']) ?? []))]
}
