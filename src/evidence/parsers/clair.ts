import type { Finding } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { clairSeverity } from './clair-severity.ts'
import { FindingList } from './finding-list.ts'
import { digestIn, isObject, objectOf, textOf, type JsonObject } from './json-fields.ts'
import { finding, jsonOf, malformed, report, titleOf, wrongFormat } from './report.ts'

/**
 * Clair 4's vulnerability report (`clairctl report --out json`, `GET /matcher/api/v1/vulnerability_report/{manifest}`).
 * It speaks of the packages that the indexer knows; an image in which it found none was not examined.
 * https://github.com/quay/claircore (vulnerabilityreport.go)
 */
export const clair: ReportParser = {
  format: 'clair',
  classes: ['vulnerabilities'],
  claims: ({ json }) => isReport(json),
  parse: (source) => {
    const json = jsonOf('clair', source)
    if (!isReport(json)) throw wrongFormat('clair', 'it has no manifest_hash and package_vulnerabilities')
    const packages = fieldOf(json, 'packages')
    const manifest = digestIn(json['manifest_hash'])
    return report({ name: 'clair', version: null }, ['vulnerabilities'], {
      ...(Object.keys(packages).length === 0 && NO_PACKAGES),
      statedDigests: manifest ? [manifest] : [],
      findings: join(packages, fieldOf(json, 'vulnerabilities'), fieldOf(json, 'package_vulnerabilities')),
    })
  },
}

const NO_PACKAGES = { completeness: 'empty', completenessReason: 'Clair knows no package in this image.' } as const

function isReport(json: unknown): json is JsonObject {
  return isObject(json) && 'manifest_hash' in json && 'package_vulnerabilities' in json
}

/** An object of the report; Go writes an empty map as null. */
function fieldOf(json: JsonObject, field: string): JsonObject {
  const value = json[field] ?? {}
  if (!isObject(value)) throw malformed('clair', `has ${field} that are not an object`)
  return value
}

/** A finding for each package and vulnerability that belong together, and for each vulnerability that no package is named for. */
function join(packages: JsonObject, vulnerabilities: JsonObject, pairs: JsonObject): Finding[] {
  const findings = new FindingList()
  const unnamed = new Set(Object.keys(vulnerabilities))
  for (const [packageId, ids] of Object.entries(pairs)) {
    if (!Array.isArray(ids)) throw malformed('clair', 'has package_vulnerabilities that are not lists')
    for (const id of ids.map(keyOf)) {
      unnamed.delete(id)
      findings.add(findingOf(vulnerabilityIn(vulnerabilities, id), objectOf(packages[packageId])))
    }
  }
  for (const id of unnamed) {
    const vulnerability = vulnerabilityIn(vulnerabilities, id)
    findings.add(findingOf(vulnerability, objectOf(vulnerability['package'])))
  }
  return findings.all()
}

/** A key of the vulnerabilities; versions before 4 wrote numbers. */
function keyOf(id: unknown): string {
  if (typeof id === 'string' || typeof id === 'number') return String(id)
  throw malformed('clair', 'has package_vulnerabilities that are not ids')
}

function vulnerabilityIn(vulnerabilities: JsonObject, id: string): JsonObject {
  const found = Object.hasOwn(vulnerabilities, id) ? vulnerabilities[id] : undefined
  if (!isObject(found)) throw malformed('clair', 'names a vulnerability that it does not describe')
  return found
}

function findingOf(vulnerability: JsonObject, owner: JsonObject): Finding {
  const name = textOf(vulnerability['name']) ?? 'unnamed'
  const word = textOf(vulnerability['normalized_severity'])
  const inverted = (vulnerability['Invert'] ?? vulnerability['invert']) === true
  return finding({
    class: 'vulnerabilities',
    // Ubuntu's are named like a sentence: "CVE-2020-0001 on Ubuntu 20.04 LTS (focal) - medium."
    id: /^(CVE-\d{4}-\d{4,})\s/.exec(name)?.[1] ?? name,
    severity: clairSeverity(word),
    toolSeverity: word,
    title: titleOf(vulnerability['description']),
    package: textOf(owner['name']),
    version: textOf(owner['version']),
    fixedVersion: fixedIn(textOf(vulnerability['fixed_in_version'])),
    suppressed: inverted,
    suppressionReason: inverted ? 'the advisory says that the package is not affected' : null,
  })
}

/** The OSV updater writes a query string: `fixed=1.2.3&introduced=1.0.0`. */
function fixedIn(text: string | null): string | null {
  if (text === null || !/^(?:fixed|introduced|lastAffected)=/.test(text)) return text
  return textOf(new URLSearchParams(text).get('fixed'))
}
