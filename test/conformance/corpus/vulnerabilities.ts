import { all, counted, find, texts, word } from './select.ts'
import type { CorpusTable, Expected, Figures } from './table.ts'

const EMPTY_FILE: Expected = { refused: 'report_empty' }

export const vulnerabilities: CorpusTable = {
  ...same({ format: 'grype', figures: grype }, 'anchore_grype', [
    ...['anchore_grype_epss_problem.json', 'check_all_fields_different_ids_fabricated.json', 'check_all_fields_with_ids_fabricated.json'],
    ...['fix_not_available.json', 'issue_9942.json', 'many_vulns_with_epss_values.json', 'same_cve_different_paths.json'],
  ]),

  ...same({ format: 'inspector2', figures: inspector }, 'aws_inspector2', [
    ...['aws_inspector2_many_vul.json', 'aws_inspector2_package_vuln_metadata.json'],
  ]),
  'aws_inspector2/aws_inspector2_zero_vul.json': { refused: 'report_format_unknown' },

  ...same({ format: 'bundler-audit', figures: bundler }, 'bundler_audit', ['bundler-audit_v0.6.1.txt', 'version_9.0.txt']),
  'cargo_audit/no_findings.json': { format: 'cargo-audit', figures: nothing },

  'clair/clair_empty.json': { format: 'clair-scanner', completeness: 'empty', figures: nothing },
  'clair/clair_many_vul.json': {
    format: 'clair-scanner',
    figures: (text) => counted(all(text, 'vulnerabilities[]'), 'severity', 'fixedby'),
  },
  'clair/clairklar_high.json': { format: 'klar', figures: (text) => counted(all(text, 'Vulnerabilities[][]'), 'Severity', 'FixedBy') },

  ...same({ format: 'cyclonedx', figures: cyclonedxJson }, 'cyclonedx', ['log4j.json', 'no-severity.json']),
  // VEX: what they list is not affected.
  ...same({ format: 'cyclonedx', figures: noFigures }, 'cyclonedx', ['issue_8022.json', 'valid-vulnerability-1.4.json']),
  ...same({ format: 'cyclonedx', figures: cyclonedxXml }, 'cyclonedx', ['grype.xml', 'multiple_cwes_fabricated.xml', 'spec1.xml']),
  // Bills of materials: no vulnerability in them, and no figure of any.
  ...same({ format: 'cyclonedx', figures: noFigures }, 'cyclonedx', ['cyclonedx_bom.xml', 'jake.xml']),

  'dependency_check/dc_empty.xml': { format: 'dependency-check', completeness: 'empty', figures: nothing },
  ...same({ format: 'dependency-check', figures: dependencyCheck }, 'dependency_check', [
    ...['single_dependency_with_related_no_vulnerability.xml', 'version-6.5.3.xml'],
  ]),

  ...same({ format: 'dependency-track', figures: dependencyTrack }, 'dependency_track', [
    ...['dependency_track_3.8.0_2021-01-18.json', 'deptrack_npm_4.14.1.json', 'many_findings.json', 'one_finding_ghsa_empty_aliases.json'],
    ...['many_findings_with_cvssV3_score.json', 'no_findings_because_findings_key_is_empty_list.json'],
  ]),
  'dependency_track/no_findings_because_findings_key_is_null.json': {
    format: 'dependency-track',
    completeness: 'empty',
    figures: nothing,
  },

  'govulncheck/empty.json': EMPTY_FILE,
  'govulncheck/many_vulns_new_version.json': { format: 'govulncheck', figures: govulncheck },
  'govulncheck/no_vulns.json': { format: 'govulncheck', figures: nothing },
  'govulncheck/issue_15033_sarif.json': { format: 'sarif', figures: sarifByScore },

  ...same({ format: 'npm-audit', figures: advisories }, 'npm_audit', [
    ...['cwe_null.json', 'issue_7897.json', 'many_vuln_with_groups_different_titles.json', 'multiple_cwes2.json'],
    ...['one_vuln.json'],
  ]),
  'npm_audit/many_vuln_npm7.json': { format: 'npm-audit', figures: npm7 },
  ...same({ format: 'npm-audit', figures: npm7 }, 'npm_audit_7_plus', [
    'issue_10801.json',
    'multiple_cwes_fabricated.json',
    'one_vuln.json',
  ]),

  'osv_scanner/many_findings.json': { format: 'osv-scanner', figures: osv },
  'osv_scanner/no_findings.json': EMPTY_FILE,

  'pip_audit/empty.json': { format: 'pip-audit', stated: true, completeness: 'empty', figures: nothing },
  ...same({ format: 'pip-audit', figures: pip }, 'pip_audit', ['many_vulns.json', 'zero_vulns.json']),

  ...same({ format: 'snyk', figures: snyk }, 'snyk', [
    ...['all-projects_many_vulns.json', 'all-projects_one_vuln.json', 'all_projects_issue4277.json', 'single_project_many_vulns.json'],
    ...['single_project_one_vuln.json', 'snykcontainer_issue_epss.json'],
  ]),
  'snyk/snykcode_issue_9270.json': { format: 'sarif', figures: sarifByLevel },

  ...same({ format: 'trivy', figures: trivy }, 'trivy', [
    ...['all_statuses.json', 'cvssv4_severity_source.json', 'issue_14136.json', 'issue_9170.json', 'issue_9333.json'],
    ...['kubernetes_fabricated_subset.json', 'license_scheme.json', 'scheme_2_many_vulns.json', 'severity_prio.json'],
  ]),
  // The same resource stands in it twice.
  'trivy/kubernetes_fabricated_internal_duplicates.json': { format: 'trivy', figures: (text) => trivy(text, REPEATED) },
  'trivy/legacy_no_vuln.json': { format: 'trivy', stated: true, completeness: 'empty', figures: nothing },

  'yarn_audit/issue_6495_multi_cwe_fabricated.json': { format: 'npm-audit', figures: advisories },
  ...same({ format: 'yarn-audit', figures: yarn }, 'yarn_audit', ['yarn_audit_many_vul.json', 'yarn_audit_multiple_cwes2.json']),
  'yarn_audit/yarn_audit_zero_vul.json': { format: 'yarn-audit', completeness: 'empty', figures: nothing },
}

/** The counts that other reports of these formats can be read with. */
export const COUNTS = { advisories, dependencyTrack, grype, inspector, npm7, pip, snyk, trivy, yarn } as const

function same(expected: Expected, folder: string, names: readonly string[]): Record<string, Expected> {
  return Object.fromEntries(names.map((name) => [`${folder}/${name}`, expected]))
}

function nothing(): Figures {
  return counted([], '')
}

function noFigures(): Figures {
  return { critical: null, high: null, total: null }
}

function grype(text: string): Figures {
  return counted(all(text, 'matches[]'), 'vulnerability.severity', 'vulnerability.fix.versions[]', [
    ...['vulnerability.id', 'artifact.purl', 'artifact.version', 'artifact.locations[].path'],
  ])
}

function inspector(text: string): Figures {
  const items = all(text, 'findings[]').flatMap((item) => {
    const packages = find(item, 'packageVulnerabilityDetails.vulnerablePackages[]')
    return Array.from({ length: Math.max(1, packages.length) }, () => item)
  })
  const open = items.filter((item) => word(item, 'status') === 'ACTIVE')
  return { ...counted(open, 'severity'), suppressed: items.length - open.length }
}

/** Every block has a line of each kind; no severity is given in any. */
function bundler(text: string): Figures {
  const blocks = text.split(/^(?=Name: )/m).filter((block) => block.startsWith('Name: '))
  return { ...nothing(), unknown: blocks.length, fixable: blocks.filter((block) => block.includes('upgrade to')).length }
}

/** One for each affected component, by its first rating that has a severity, else by its highest score. */
function cyclonedxJson(text: string): Figures {
  const items = all(text, 'vulnerabilities[]').flatMap((item) => find(item, 'affects[]').map(() => item))
  const severity = (item: unknown) => texts(item, 'ratings[].severity')[0] ?? (Number(word(item, 'ratings[].score')) >= 9 ? 'critical' : '')
  return counted(
    items.map((item) => ({ severity: severity(item) })),
    'severity',
  )
}

/** The extension of old and the list of version 1.4 alike, by the first severity of each. */
function cyclonedxXml(text: string): Figures {
  const items = text.split(/<(?:v:)?vulnerability[ >]/).slice(1)
  return counted(
    items.map((item) => ({ severity: /<(?:v:)?severity>(\w+)</.exec(item)?.[1] ?? '' })),
    'severity',
  )
}

function dependencyCheck(text: string): Figures {
  const items = text.split(/<vulnerability /).slice(1)
  return counted(
    items.map((item) => ({ severity: /<severity>(\w+)</.exec(item)?.[1] ?? '' })),
    'severity',
  )
}

function dependencyTrack(text: string): Figures {
  const items = all(text, 'findings[]')
  const open = items.filter((item) => word(item, 'analysis.isSuppressed') !== 'true')
  return {
    ...counted(open, 'vulnerability.severity', undefined, ['matrix', 'component.name', 'component.version']),
    suppressed: items.length - open.length,
    fixable: 0,
  }
}

/** Vulnerabilities with a function at the vulnerable end of some trace; Go gives no severities. */
function govulncheck(text: string): Figures {
  const called = all(text, '[].finding').filter((item) => /"trace":\[\{[^}]*"function"/.test(JSON.stringify(item)))
  return { ...nothing(), unknown: new Set(called.map((item) => word(item, 'osv'))).size }
}

function sarifByScore(text: string): Figures {
  const rules = new Map(all(text, 'runs[].tool.driver.rules[]').map((rule) => [word(rule, 'id'), rule]))
  const items = all(text, 'runs[].results[]').map((item) => {
    const score = Number(word(rules.get(word(item, 'ruleId')), 'properties.security-severity') || Number.NaN)
    const level = { error: 'high', warning: 'medium', note: 'low' }[word(item, 'level')] ?? 'medium'
    return { severity: Number.isNaN(score) ? level : byScore(score) }
  })
  return counted(items, 'severity')
}

function sarifByLevel(text: string): Figures {
  const levels = { error: 'high', warning: 'medium', note: 'low' } as const
  const open = all(text, 'runs[].results[]').filter((item) => find(item, 'suppressions[]').length === 0)
  return counted(
    open.map((item) => ({ severity: levels[word(item, 'level') as keyof typeof levels] })),
    'severity',
  )
}

function byScore(score: number): string {
  return score >= 9 ? 'critical' : score >= 7 ? 'high' : score >= 4 ? 'medium' : score > 0 ? 'low' : 'info'
}

/** `.advisories | length`, by severity. */
function advisories(text: string): Figures {
  return counted(all(text, 'advisories[]'), 'severity')
}

/** `[.vulnerabilities[].via[] | objects] | unique_by(.source)` */
function npm7(text: string): Figures {
  const via = all(text, 'vulnerabilities[].via[]').filter((item) => typeof item === 'object')
  return counted(via, 'severity', undefined, ['source'])
}

/** Vectors in that file whose score, says the NVD's calculator, is higher than the word beside them, or stands alone: 7.5, 7.5 and 8.8. */
const HIGH = /AV:N\/AC:L\/PR:N\/UI:N\/S:U\/C:(?:N\/I:N\/A:H|H\/I:N\/A:N)$|AV:N\/AC:L\/PR:L\/UI:N\/S:U\/C:H\/I:H\/A:H$/

/** One for each group, by the worst word that GitHub's database has for one of its ids: this version gives no scores. */
function osv(text: string): Figures {
  const items = all(text, 'results[].packages[]').flatMap((item) => {
    const entries = find(item, 'vulnerabilities[]')
    return find(item, 'groups[]').map((group) => {
      const known = texts(group, 'ids[]')
        .flatMap((id) => entries.filter((entry) => word(entry, 'id') === id))
        .flatMap((entry) => [
          word(entry, 'database_specific.severity'),
          ...(texts(entry, 'severity[].score').some((vector) => HIGH.test(vector)) ? ['HIGH'] : []),
        ])
      return { severity: ['CRITICAL', 'HIGH', 'MODERATE', 'LOW'].find((one) => known.includes(one)) ?? '' }
    })
  })
  return counted(items, 'severity')
}

function pip(text: string): Figures {
  const items = [...all(text, '[].vulns[]'), ...all(text, 'dependencies[].vulns[]')]
  return { ...nothing(), unknown: items.length, fixable: items.filter((item) => find(item, 'fix_versions[]').length > 0).length }
}

/** Once per id, package and version, of all projects and their applications. */
function snyk(text: string): Figures {
  const lists = ['vulnerabilities[]', 'applications[].vulnerabilities[]', '[].vulnerabilities[]', '[].applications[].vulnerabilities[]']
  const items = lists.flatMap((list) => all(text, list))
  const rated = items.map((item) => ({
    key: ['id', 'name', 'version'].map((path) => word(item, path)),
    severity: word(item, 'severityWithCritical') || word(item, 'severity'),
  }))
  return counted(rated, 'severity', undefined, ['key[]'])
}

/** Of an artifact, or of the resources of a cluster. */
function trivy(text: string, identity?: readonly string[]): Figures {
  const places = ['', 'Resources[].', 'Vulnerabilities[].', 'Misconfigurations[].']
  const items = places.flatMap((place) => [
    ...all(text, `${place}Results[].Vulnerabilities[]`),
    ...all(text, `${place}Results[].Misconfigurations[]`).filter((item) => word(item, 'Status') === 'FAIL'),
    ...all(text, `${place}Results[].Licenses[]`),
  ])
  return counted(items, 'Severity', undefined, identity)
}

const REPEATED = ['VulnerabilityID', 'PkgName', 'ID', 'Message']

function yarn(text: string): Figures {
  const messages = text
    .split('\n')
    .filter((line) => line.includes('"auditAdvisory"'))
    .map((line): unknown => JSON.parse(line))
  return counted(messages, 'data.advisory.severity', undefined, ['data.advisory.id', 'data.advisory.findings[].version'])
}
