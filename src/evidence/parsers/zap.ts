import type { Severity } from '../../core/severity.ts'
import type { Finding } from '../model.ts'
import type { ReportParser, ReportSource } from '../parser.ts'
import { FindingList } from './finding-list.ts'
import { instantOf, isObject, objectsOf, textOf, type JsonObject } from './json-fields.ts'
import { finding, itemsOf, jsonBytes, jsonOf, malformed, report, titleOf, wrongFormat } from './report.ts'
import { withoutQuery } from './url-parts.ts'
import { redactSite } from './zap-redaction.ts'
import { readZapXml, writeZapXml } from './zap-xml.ts'

/**
 * ZAP's traditional report, JSON or XML. Each alert of a site is one finding, however many pages show it.
 * https://www.zaproxy.org/docs/desktop/addons/report-generation/report-traditional-json/
 */
export const zap: ReportParser = {
  format: 'zap',
  classes: ['dast'],
  claims: ({ json, xmlRoot }) => xmlRoot === 'OWASPZAPReport' || isZap(json),
  parse: (source) => {
    const json = documentOf(source)
    const sites = itemsOf('zap', json, 'site')
    const findings = new FindingList()
    for (const site of sites)
      for (const alert of alertsOf(site)) findings.add(alertOf(alert, site), titleOf(alert['name'], alert['alert']) ?? '')
    const redacted = { ...json, site: sites.map(redactSite) }
    return report({ name: 'zap', version: textOf(json['@version']) }, ['dast'], {
      ...(sites.length === 0 && NOTHING_SCANNED),
      reportedAt: instantOf(json['created']),
      examined: sites.every((site) => textOf(site['@name']) !== null) ? sites.map((site) => withoutQuery(textOf(site['@name']) ?? '')) : [],
      findings: findings.all(),
      redacted: source.xmlRoot === undefined ? jsonBytes(redacted) : writeZapXml(redacted),
    })
  },
}

const NOTHING_SCANNED = { completeness: 'empty', completenessReason: 'ZAP names no site that it examined.' } as const

/** The report as its JSON has it, whichever of the two it is. */
function documentOf(source: ReportSource): JsonObject {
  if (source.xmlRoot !== undefined) return readZapXml(source.text)
  const json = jsonOf('zap', source)
  if (!isZap(json)) throw wrongFormat('zap', 'it has no sites')
  return { '@version': json['@version'], '@generated': json['@generated'], created: json['created'], site: [json['site']].flat() }
}

function isZap(json: unknown): json is JsonObject {
  return (
    isObject(json) &&
    ('@version' in json || '@programName' in json) &&
    typeof json['site'] === 'object' &&
    json['site'] !== null &&
    !isGitlab(json)
  )
}

/** GitLab's DAST report of old is ZAP's with its own fields beside. */
function isGitlab(json: JsonObject): boolean {
  return 'vulnerabilities' in json
}

function alertsOf(site: JsonObject): JsonObject[] {
  if (!Array.isArray(site['alerts'])) throw malformed('zap', 'has a site without alerts')
  return itemsOf('zap', site, 'alerts')
}

const SEVERITY_OF_RISK: Readonly<Record<string, Severity>> = { 3: 'high', 2: 'medium', 1: 'low', 0: 'negligible' }

function alertOf(alert: JsonObject, site: JsonObject): Finding {
  const id = textOf(alert['alertRef']) ?? textOf(alert['pluginid'])
  if (id === null) throw malformed('zap', 'has an alert without pluginid')
  const risk = textOf(alert['riskcode']) ?? ''
  const [first] = objectsOf(alert['instances'])
  const address = textOf(first?.['uri']) ?? textOf(alert['uri']) ?? textOf(site['@name'])
  return finding({
    class: 'dast',
    id,
    severity: (Object.hasOwn(SEVERITY_OF_RISK, risk) ? SEVERITY_OF_RISK[risk] : undefined) ?? 'unknown',
    toolSeverity: /^[A-Za-z]+/.exec(textOf(alert['riskdesc']) ?? '')?.[0] ?? risk,
    title: titleOf(alert['name'], alert['alert']),
    location: address === null ? null : withoutQuery(address),
    ...(alert['confidence'] === '0' && { suppressed: true, suppressionReason: 'false positive' }),
  })
}
