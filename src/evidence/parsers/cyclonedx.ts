import type { EvidenceClass } from '../../core/evidence-class.ts'
import type { Finding, ParsedReport, VexStatement } from '../model.ts'
import type { ReportParser, ReportSource } from '../parser.ts'
import { CycloneDxComponents, packageOf } from './cyclonedx-components.ts'
import { cyclonedxFindings } from './cyclonedx-findings.ts'
import { cyclonedxStatement } from './cyclonedx-vex.ts'
import { readCycloneDxXml } from './cyclonedx-xml.ts'
import { FindingList } from './finding-list.ts'
import { digestIn, instantOf, isObject, objectOf, objectsOf, textOf, type JsonObject } from './json-fields.ts'
import { purlParts } from './purl-parts.ts'
import { itemsOf, jsonOf, report, titleOf, wrongFormat } from './report.ts'
import { faultOf, vexReport } from './vex-fields.ts'
import { xmlOpening } from './xml-reader.ts'

/**
 * CycloneDX 1.0 to 1.x, JSON and XML. A document that lists vulnerabilities is the report of a scanner; one that lists none is an SBOM
 * and says nothing of vulnerabilities, for tools write the same empty list whether they looked for any or not. So it never reads as a
 * clean scan. What an `analysis` says is VEX: somebody's word, which takes nothing out unless its author is trusted. A document that holds nothing
 * else is VEX alone.
 * https://cyclonedx.org/docs/1.6/json/
 */
export const cyclonedx: ReportParser = {
  format: 'cyclonedx',
  classes: ['vulnerabilities', 'sbom', 'vex'],
  claims: (source) => isJsonBom(source.json) || isXmlBom(source),
  parse: (source) => {
    const bom = source.xmlRoot === undefined ? jsonBom(source) : readCycloneDxXml(source.text)
    const metadata = objectOf(bom['metadata'])
    const tool = toolOf(metadata['tools'])
    const components = new CycloneDxComponents(bom)
    const subject = objectOf(metadata['component'])
    const reportedAt = instantOf(metadata['timestamp'])
    const vulnerabilities = itemsOf('cyclonedx', bom, 'vulnerabilities')
    const document = { id: textOf(bom['serialNumber']), time: reportedAt }
    const findings = new FindingList()
    for (const item of vulnerabilities) for (const { found, place } of cyclonedxFindings(item, components)) findings.add(found, place)
    const statements = vulnerabilities.flatMap((item) => cyclonedxStatement(item, subject, components, document) ?? [])
    const judgesAll = statements.length > 0 && statements.length === vulnerabilities.length
    if (judgesAll && clearsOnly(statements, components.count)) return vexReport(tool, statements, reportedAt)
    const vex = statements.every((statement) => faultOf(statement) === null) ? statements : []
    return report(tool, ['sbom'], {
      ...whatItSpeaksFor(findings.all(), vex, components.count),
      ...digestsOf(subject),
      examined: partOf(subject),
      reportedAt,
      findings: findings.all(),
      vex,
    })
  },
}

function isJsonBom(json: unknown): json is JsonObject {
  return isObject(json) && json['bomFormat'] === 'CycloneDX'
}

const NAMESPACE = 'cyclonedx.org/schema/bom/'

function isXmlBom({ text, xmlRoot }: ReportSource): boolean {
  if (xmlRoot === undefined || !/(?:^|:)bom$/.test(xmlRoot)) return false
  return xmlOpening(text)?.root.name === 'bom' && text.slice(0, 64 * 1024).includes(NAMESPACE)
}

function jsonBom(source: ReportSource): JsonObject {
  const json = jsonOf('cyclonedx', source)
  if (!isJsonBom(json)) throw wrongFormat('cyclonedx', 'its bomFormat is not CycloneDX')
  if (!/^1\.\d{1,2}$/.test(textOf(json['specVersion']) ?? '')) throw wrongFormat('cyclonedx', 'its specVersion is not 1.x')
  return json
}

/** Until version 1.4 the tools are a list; since then they may be components. */
function toolOf(tools: unknown): ParsedReport['tool'] {
  const named = [...objectsOf(tools), ...objectsOf(objectOf(tools)['components'])].find((tool) => textOf(tool['name']) !== null)
  return { name: titleOf(named?.['name'])?.toLowerCase() ?? 'cyclonedx', version: titleOf(named?.['version']) }
}

/** A document that only judges vulnerabilities, and lists no component with one that stands, doesn't show that anything was scanned. */
function clearsOnly(statements: readonly VexStatement[], components: number): boolean {
  return components === 0 || statements.every(({ status }) => status === 'not_affected' || status === 'fixed')
}

type Standing = Pick<ParsedReport, 'scanned' | 'completeness' | 'completenessReason'>

function whatItSpeaksFor(findings: readonly Finding[], vex: readonly VexStatement[], components: number): Standing {
  const scanned: EvidenceClass[] = findings.length > 0 ? ['vulnerabilities'] : ['sbom']
  if (vex.length > 0) scanned.push('vex')
  if (findings.length + components > 0) return { scanned, completeness: 'complete', completenessReason: null }
  return { scanned, completeness: 'empty', completenessReason: 'The document lists no component.' }
}

/** An image is examined whole; of anything else, the module that the document is about. */
function partOf(component: JsonObject): string[] {
  const name = packageOf(component).package
  return component['type'] === 'container' || name === null ? [] : [name]
}

/**
 * What the document is about. Registries give the digests in a package URL and in Trivy's properties; the version that Syft and Grype
 * write is the digest of a manifest that they may have made themselves, so it can confirm, but not contradict.
 */
function digestsOf(component: JsonObject): Pick<ParsedReport, 'statedDigests' | 'confirmingDigests'> {
  const purl = textOf(component['purl']) ?? ''
  const properties = (name: string) => objectsOf(component['properties']).flatMap((item) => (item['name'] === name ? [item['value']] : []))
  const hashes = objectsOf(component['hashes']).flatMap(({ alg, content }) =>
    alg === 'SHA-256' ? [`sha256:${textOf(content) ?? ''}`] : [],
  )
  const inPurl = /^pkg:(?:oci|docker)\//.test(purl) ? purlParts(purl)?.version : undefined
  return {
    statedDigests: digestsAmong([inPurl, component['name'], ...properties('aquasecurity:trivy:RepoDigest')]),
    confirmingDigests: digestsAmong([component['version'], ...hashes, ...properties('aquasecurity:trivy:ImageID')]),
  }
}

function digestsAmong(references: readonly unknown[]): ParsedReport['statedDigests'] {
  return [...new Set(references.flatMap((reference) => digestIn(reference) ?? []))]
}
