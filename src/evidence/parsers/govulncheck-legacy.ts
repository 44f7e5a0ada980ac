import type { Finding, ParsedReport } from '../model.ts'
import { FindingList } from './finding-list.ts'
import { isObject, numberOf, objectOf, objectsOf, stringsOf, textOf, type JsonObject } from './json-fields.ts'
import { packageUrl } from './package-url.ts'
import { finding, itemsOf, malformed, report, titleOf } from './report.ts'

/** The one JSON document of govulncheck before 1.0: with call graphs, or (0.1) with the modules under each vulnerability. */
export function isLegacy(json: unknown): json is JsonObject {
  if (!isObject(json) || !('Vulns' in json)) return false
  if (isObject(json['Requires']) || isObject(json['Imports']) || isObject(json['Calls'])) return true
  return Array.isArray(json['Vulns']) && json['Vulns'].length > 0 && json['Vulns'].every((item) => isObject(objectOf(item)['OSV']))
}

/** @throws {ReportError} `report_malformed` */
export function readLegacy(json: JsonObject): ParsedReport {
  const versions = new Map(objectsOf(json['Modules']).map((module) => [textOf(module['Path']), textOf(module['Version'])]))
  const findings = new FindingList()
  for (const item of itemsOf('govulncheck', json, 'Vulns')) {
    if (!isObject(item['OSV'])) throw malformed('govulncheck', 'has a vulnerability without its advisory')
    const modules = itemsOf('govulncheck', item, 'Modules')
    for (const module of modules) findings.add(inModule(item['OSV'], module))
    if (modules.length === 0) findings.add(inGraph(item['OSV'], item, versions))
  }
  return report({ name: 'govulncheck', version: null }, ['vulnerabilities'], {
    ...(nothingExamined(json) && NOTHING_EXAMINED),
    findings: settled(findings.all()),
  })
}

const NOTHING_EXAMINED = { completeness: 'empty', completenessReason: 'govulncheck examined no package.' } as const

/** Graphs that hold no package at all. */
function nothingExamined(json: JsonObject): boolean {
  const packages = objectOf(json['Imports'])['Packages']
  return isObject(packages) && Object.keys(packages).length === 0
}

const NOT_CALLED = { suppressed: true, suppressionReason: 'the vulnerable code is not called' } as const

/** Version 0.1: the stacks of the calls are listed under each package. */
function inModule(advisory: JsonObject, module: JsonObject): Finding {
  const called = itemsOf('govulncheck', module, 'Packages').some((item) => itemsOf('govulncheck', item, 'CallStacks').length > 0)
  const [name, version] = [textOf(module['Path']), textOf(module['FoundVersion'])]
  return { ...advisoryOf(advisory, name, version), fixedVersion: textOf(module['FixedVersion']), ...(!called && NOT_CALLED) }
}

/** One entry per vulnerable symbol; a sink of 0 says that the call graph does not reach it. */
function inGraph(advisory: JsonObject, item: JsonObject, versions: ReadonlyMap<string | null, string | null>): Finding {
  const called = numberOf(item['CallSink']) !== 0
  const name = textOf(item['ModPath'])
  return { ...advisoryOf(advisory, name, versions.get(name) ?? null), ...(!called && NOT_CALLED) }
}

function advisoryOf(advisory: JsonObject, name: string | null, version: string | null): Finding {
  return finding({
    class: 'vulnerabilities',
    id: textOf(advisory['id']) ?? 'unnamed',
    aliases: stringsOf(advisory['aliases']),
    severity: 'unknown',
    title: titleOf(advisory['summary'], advisory['details']),
    purl: packageUrl('golang', name, version),
    package: name,
    version,
    fixedVersion: fixedIn(advisory, name),
  })
}

function fixedIn(advisory: JsonObject, name: string | null): string | null {
  const fixes = objectsOf(advisory['affected'])
    .filter((affected) => objectOf(affected['package'])['name'] === name)
    .flatMap((affected) => objectsOf(affected['ranges']))
    .flatMap((range) => objectsOf(range['events']).flatMap((event) => textOf(event['fixed']) ?? []))
  return textOf([...new Set(fixes)].slice(0, 20).join(', '))
}

/**
 * A vulnerability of which one symbol is called counts once, as called. A report without a single call clears nothing: of an executable,
 * and where no call graph was made, these versions write the same.
 */
function settled(findings: readonly Finding[]): Finding[] {
  const keyOf = (item: Finding): string => JSON.stringify([item.id, item.package])
  const called = new Set(findings.filter((item) => !item.suppressed).map(keyOf))
  if (called.size === 0) return findings.map((item) => ({ ...item, suppressed: false, suppressionReason: null }))
  return findings.filter((item) => !item.suppressed || !called.has(keyOf(item)))
}
