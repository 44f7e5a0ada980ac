import { all, counted, find, texts, word } from './select.ts'
import type { CorpusTable, Expected, Figures } from './table.ts'

const UPPER = { CRITICAL: 'critical', HIGH: 'high', MEDIUM: 'medium', LOW: 'low', INFO: 'negligible' }

const bandit = counting('bandit', 'results[]', 'issue_severity', UPPER, ['test_id', 'filename', 'line_number', 'col_offset'])
const checkov = counting('checkov', 'results.failed_checks[]', 'severity', UPPER)
const hadolint = counting('hadolint', '[]', 'level', { error: 'high', warning: 'medium', info: 'negligible', style: 'negligible' })
const semgrep = counting('semgrep', 'results[]', 'extra.severity', { ...UPPER, ERROR: 'high', WARNING: 'medium', INFO: 'low' }, [
  ...['check_id', 'path', 'start[]', 'end[]'],
])
const tfsec = counting('tfsec', 'results[]', 'severity', UPPER)
const hotspots = counting('sonarqube', 'hotspots[]', 'vulnerabilityProbability', UPPER)

/** `[.queries[] | .severity as $s | .files[] | {$s, similarity_id, line}] | unique` */
const kics: Expected = {
  format: 'kics',
  figures: (text) => {
    const places = all(text, 'queries[]').flatMap((query) =>
      find(query, 'files[]').map((place) => ({ severity: word(query, 'severity'), query: word(query, 'query_id'), place })),
    )
    return counted(places, 'severity', undefined, ['query', 'place.similarity_id', 'place.line'])
  },
}

/** Each item counts once; words that the table leaves out are unknown. */
function counting(
  format: string,
  items: string,
  severity: string,
  words: Readonly<Record<string, string>>,
  identity?: readonly string[],
): Expected {
  return { format, figures: (text) => byWord(all(text, items), severity, words, identity) }
}

function byWord(
  items: readonly unknown[],
  severity: string,
  words: Readonly<Record<string, string>>,
  identity?: readonly string[],
): Figures {
  const keyed = items.map((item, at) => ({
    severity: words[word(item, severity)] ?? 'unknown',
    key: JSON.stringify(identity ? identity.map((path) => texts(item, path)) : at),
  }))
  return counted(keyed, 'severity', undefined, ['key'])
}

function gitlab(kind: string): Expected {
  const words = { Critical: 'critical', High: 'high', Medium: 'medium', Low: 'low', Info: 'negligible' }
  const identity = ['id', 'cve', 'location.file', 'location.start_line', 'identifiers[].value']
  return { format: `gitlab-${kind}`, figures: (text) => byWord(all(text, 'vulnerabilities[]'), 'severity', words, identity) }
}

/** Those of containers and dependencies have a solution, or say that there is none. */
function gitlabWithFixes(kind: string): Expected {
  const fixable = (text: string): number => (text.match(/"solution":\s*"(?!No solution|Unfortunately)[^"]/g) ?? []).length
  return {
    format: `gitlab-${kind}`,
    figures: (text) => ({ ...counted(all(text, 'vulnerabilities[]'), 'severity'), fixable: fixable(text) }),
  }
}

/** Alert items by site, comments left out. */
const zap: Expected = {
  format: 'zap',
  figures: (text) => {
    const inner = (xml: string, name: string): string => new RegExp(`<${name}>([^<]*)`).exec(xml)?.[1] ?? ''
    const sites = text.replaceAll(/<!--[^]*?-->/g, '').split('<site ')
    const items = sites.flatMap((site, at) =>
      (site.match(/<alertitem>[^]*?<\/alertitem>/g) ?? []).map((item) => ({
        risk: inner(item, 'riskcode'),
        key: JSON.stringify([at, inner(item, 'pluginid'), inner(item, 'name'), inner(item, 'uri')]),
      })),
    )
    return byWord(items, 'risk', { 3: 'high', 2: 'medium', 1: 'low', 0: 'negligible' }, ['key'])
  },
}

const LEVELS = { error: 'high', warning: 'medium', note: 'low', none: 'negligible' }

/** By the rule's score, else the result's level, else the rule's; passed and suppressed ones left out. */
const sarif: Expected = {
  format: 'sarif',
  figures: (text) => {
    const items = all(text, 'runs[]').flatMap((run) => {
      const rules = new Map(find(run, 'tool.driver.rules[]').map((rule) => [word(rule, 'id'), rule]))
      const failed = find(run, 'results[]').filter(
        (result) => ['', 'fail'].includes(word(result, 'kind')) && find(result, 'suppressions[]').length === 0,
      )
      return failed.map((result) => {
        const rule = rules.get(word(result, 'ruleId'))
        const level = word(result, 'level') || word(rule, 'defaultConfiguration.level') || 'warning'
        return { level: scored(word(rule, 'properties.security-severity')) ?? level, place: placeOf(result) }
      })
    })
    return byWord(items, 'level', { ...LEVELS, ...UPPER }, ['place'])
  },
}

/** What counts as one: same rule, text and region. */
function placeOf(result: unknown): string {
  const file = 'locations[].physicalLocation.artifactLocation.uri'
  return JSON.stringify([
    word(result, 'ruleId'),
    word(result, 'message.text'),
    texts(result, file),
    find(result, 'locations[].physicalLocation.region'),
  ])
}

function scored(text: string): string | undefined {
  const score = Number(text || Number.NaN)
  return score >= 9 ? 'CRITICAL' : score >= 7 ? 'HIGH' : score >= 4 ? 'MEDIUM' : score > 0 ? 'LOW' : undefined
}

const EMPTY = { completeness: 'empty' } as const
const STATED = { stated: true } as const
/** Pages and archives of a plugin of SonarQube, which are neither of its API nor of its webhook. */
const UNKNOWN = { refused: 'report_format_unknown' } as const
const ARCHIVE = { refused: 'report_malformed' } as const

export const statics: CorpusTable = {
  'bandit/dd.json': bandit,
  'bandit/many_vulns.json': bandit,
  'bandit/one_vuln.json': bandit,
  'checkov/checkov-report-0-vuln.json': { ...checkov, ...EMPTY },
  'checkov/checkov-report-many-vuln.json': checkov,
  'checkov/checkov-report-severity.json': checkov,
  'hadolint/many_dockerfile.json': hadolint,
  'kics/many_findings.json': kics,
  'sarif/DefectDojo_django-DefectDojo__2020-12-11_13': { refused: 'report_empty' },
  'sarif/appendix_k.sarif': { ...sarif, completeness: 'partial' },
  'sarif/appendix_k1_double.sarif': sarif,
  'sarif/appendix_k3.sarif': sarif,
  'sarif/bash-report-fabricated-no-internal-dupes-subset.sarif': sarif,
  'sarif/bash-report-subset-same-hash-code-same-unique-id.sarif': sarif,
  'sarif/blackduck_nested_fingerprints.sarif': sarif,
  'sarif/cxf-3.4.6.sarif': sarif,
  'sarif/dockle_0_3_15.sarif': sarif,
  'sarif/mobsfscan.json': sarif,
  'sarif/no_runs.sarif': { ...sarif, ...EMPTY },
  'sarif/suppression_test.sarif': sarif,
  'semgrep/close_old_findings_report_line31.json': semgrep,
  'semgrep/close_old_findings_report_third_run_different_unique_id.json': semgrep,
  'semgrep/empty.json': { ...semgrep, ...EMPTY },
  'semgrep/high-medium-low-severities.json': semgrep,
  'semgrep/many_findings.json': semgrep,
  'semgrep/multiple_cwes_fabricated.json': semgrep,
  'semgrep/repeated_findings.json': semgrep,
  'semgrep/semgrep_version_1_30_0_line_26.json': semgrep,
  'tfsec/many_findings_current.json': tfsec,
  'tfsec/no_findings.json': { ...tfsec, ...STATED },
  'zap/0_zap_sample.xml': zap,
  'zap/1_zap_sample_0_and_new_absent.xml': zap,
  'zap/3_zap_sampl_0_and_different_severities.xml': zap,
  'zap/dvwa_baseline_dojo.xml': zap,
  'zap/dvwa_baseline_dojo_fabricated_internal_duplicates_subset.xml': zap,
  'zap/empty_2.9.0.xml': zap,
  'zap/some_2.9.0.xml': zap,
  'zap/zap-results-second-scan.xml': zap,
  'zap/zap_2.16.1_with_req_resp.xml': zap,
  'sonarqube/findings_over_api_hotspots.json': hotspots,
  'sonarqube/empty_zip.zip': ARCHIVE,
  'sonarqube/findings_over_api.zip': ARCHIVE,
  'sonarqube/issue_10150.json': UNKNOWN,
  'sonarqube/sonar-6-findings-1-unique_id_changed.html': UNKNOWN,
  'sonarqube/sonar-6-findings.json': UNKNOWN,
  'sonarqube/sonar-rule-undefined.html': UNKNOWN,
  'sonarqube/sonar-single-finding.json': UNKNOWN,
  'sonarqube/sonar-table-in-table.html': UNKNOWN,
  'gitlab_sast/gl-sast-report-0-vuln.json': { ...gitlab('sast'), ...STATED },
  'gitlab_sast/gl-sast-report-1-vuln_v15.json': { ...gitlab('sast'), ...STATED },
  'gitlab_sast/gl-sast-report-confidence_v15.json': gitlab('sast'),
  'gitlab_sast/gl-sast-report-cwe_v15.json': gitlab('sast'),
  'gitlab_sast/gl-sast-report-many-vuln_v15.json': { ...gitlab('sast'), ...STATED },
  'gitlab_sast/gl-sast-report_issue4344_v14.json': gitlab('sast'),
  'gitlab_dast/gitlab_dast_many_vul_v15.json': gitlab('dast'),
  'gitlab_dast/gitlab_dast_one_vul_v14.json': gitlab('dast'),
  'gitlab_dast/gitlab_dast_zero_vul.json': { ...gitlab('dast'), ...STATED, ...EMPTY },
  'gitlab_container_scan/gl-container-scanning-report-0-vuln.json': gitlabWithFixes('container-scanning'),
  'gitlab_container_scan/gl-container-scanning-report-1-vuln_v15.json': gitlabWithFixes('container-scanning'),
  'gitlab_container_scan/gl-container-scanning-report-5-vuln_v15.json': gitlabWithFixes('container-scanning'),
  'gitlab_dep_scan/gl-dependency-scanning-report-0-vuln.json': gitlabWithFixes('dependency-scanning'),
  'gitlab_dep_scan/gl-dependency-scanning-report-1-vuln_v15.json': gitlabWithFixes('dependency-scanning'),
  'gitlab_dep_scan/gl-dependency-scanning-report-2-vuln-missing-component_v15.json': gitlabWithFixes('dependency-scanning'),
  'gitlab_dep_scan/gl-dependency-scanning-report-many-vuln_v15.json': gitlabWithFixes('dependency-scanning'),
}
