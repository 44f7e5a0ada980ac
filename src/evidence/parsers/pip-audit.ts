import type { Finding } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { FindingList } from './finding-list.ts'
import { isObject, stringsOf, textOf, type JsonObject } from './json-fields.ts'
import { packageUrl } from './package-url.ts'
import { finding, itemsOf, jsonOf, malformed, report, titleOf, wrongFormat } from './report.ts'

/**
 * pip-audit's JSON: `{dependencies, fixes}`, and the plain list of dependencies of versions before 2.0. It lists every package that it
 * examined; those with a `skip_reason` (not on the index, editable) it could not look up. It gives no severities.
 * https://github.com/pypa/pip-audit (pip_audit/_format/json.py)
 */
export const pipAudit: ReportParser = {
  format: 'pip-audit',
  classes: ['vulnerabilities'],
  claims: ({ json }) => {
    const dependencies = dependenciesOf(json)
    return dependencies !== undefined && dependencies.every(isDependency) && (dependencies.length > 0 || hasFixes(json))
  },
  parse: (source) => {
    const json = jsonOf('pip-audit', source)
    const dependencies = dependenciesOf(json)
    if (!dependencies || !(dependencies.length > 0 || isEmptyReport(json)))
      throw wrongFormat('pip-audit', 'it is neither a list of dependencies nor an object that holds one')
    if (!dependencies.every(isDependency))
      throw malformed('pip-audit', 'lists something other than dependencies with vulns or a skip_reason')
    const findings = new FindingList()
    for (const dependency of dependencies)
      for (const item of itemsOf('pip-audit', dependency, 'vulns')) findings.add(vulnerability(item, dependency))
    return report({ name: 'pip-audit', version: null }, ['vulnerabilities'], {
      ...(!dependencies.some((dependency) => 'vulns' in dependency) && NOTHING_EXAMINED),
      findings: findings.all(),
    })
  },
}

const NOTHING_EXAMINED = { completeness: 'empty', completenessReason: 'pip-audit examined nothing: it could look up no package.' } as const

function dependenciesOf(json: unknown): unknown[] | undefined {
  const list = isObject(json) ? json['dependencies'] : json
  return Array.isArray(list) ? list : undefined
}

function hasFixes(json: unknown): boolean {
  return isObject(json) && Array.isArray(json['fixes'])
}

function isEmptyReport(json: unknown): boolean {
  return Array.isArray(json) || hasFixes(json) || (isObject(json) && Object.keys(json).length === 1)
}

function isDependency(item: unknown): item is JsonObject {
  return isObject(item) && typeof item['name'] === 'string' && (Array.isArray(item['vulns']) || typeof item['skip_reason'] === 'string')
}

function vulnerability(item: JsonObject, dependency: JsonObject): Finding {
  const [name, version] = [textOf(dependency['name']), textOf(dependency['version'])]
  return finding({
    class: 'vulnerabilities',
    id: textOf(item['id']) ?? 'unnamed',
    aliases: stringsOf(item['aliases']),
    severity: 'unknown',
    title: titleOf(item['description']),
    purl: packageUrl('pypi', name, version),
    package: name,
    version,
    fixedVersion: textOf(stringsOf(item['fix_versions']).join(', ')),
  })
}
