import { objectsOf, textOf, type JsonObject } from './json-fields.ts'
import { malformed, wrongFormat } from './report.ts'
import { childOf, childrenOf, readXmlTree, type XmlNode } from './xml-tree.ts'

/** Requests and answers: long, and nothing that is kept. */
const TRAFFIC = new Set(['requestheader', 'requestbody', 'responseheader', 'responsebody', 'otherinfo', 'evidence', 'attack'])

/**
 * Reads ZAP's XML into the shape of its JSON.
 * @throws {ReportError}
 */
export function readZapXml(text: string): JsonObject {
  const root = readXmlTree('zap', text, { skip: TRAFFIC })
  if (root?.name !== 'OWASPZAPReport') throw wrongFormat('zap', 'its root element is not OWASPZAPReport')
  const { version, generated, created } = root.attributes
  return { '@version': version, '@generated': generated, created, site: childrenOf(root, 'site').map(siteOf) }
}

function siteOf(node: XmlNode): JsonObject {
  const alerts = childOf(node, 'alerts')
  if (!alerts) throw malformed('zap', 'has a site without alerts')
  const named = Object.fromEntries(['name', 'host', 'port', 'ssl'].map((name) => [`@${name}`, node.attributes[name]]))
  return { ...named, alerts: childrenOf(alerts, 'alertitem').map(alertOf) }
}

function alertOf(node: XmlNode): JsonObject {
  return { ...textsOf(node), instances: childrenOf(childOf(node, 'instances'), 'instance').map(textsOf) }
}

function textsOf(node: XmlNode): JsonObject {
  return Object.fromEntries(node.children.map((child) => [child.name, child.text]))
}

/** The XML of a report in the shape of the JSON: a blanked XML report is kept as XML. */
export function writeZapXml(report: JsonObject): Uint8Array {
  const sites = objectsOf(report['site']).map((site) => {
    const alerts = objectsOf(site['alerts']).map((alert) =>
      element('alertitem', elements(alert) + element('instances', instancesOf(alert))),
    )
    return `<site${attributes(site)}>${element('alerts', alerts.join(''))}</site>`
  })
  const root = attributes({
    '@programName': 'ZAP',
    '@version': report['@version'],
    '@generated': report['@generated'],
    '@created': report['created'],
  })
  return new TextEncoder().encode(`<?xml version="1.0"?>\n<OWASPZAPReport${root}>${sites.join('')}</OWASPZAPReport>\n`)
}

function instancesOf(alert: JsonObject): string {
  return objectsOf(alert['instances'])
    .map((instance) => element('instance', elements(instance)))
    .join('')
}

function elements(fields: JsonObject): string {
  return Object.entries(fields)
    .flatMap(([name, value]) => (typeof value === 'string' ? element(name, escaped(value)) : []))
    .join('')
}

function element(name: string, content: string): string {
  return `<${name}>${content}</${name}>`
}

function attributes(fields: JsonObject): string {
  return Object.entries(fields)
    .flatMap(([name, value]) =>
      name.startsWith('@') && textOf(value) !== null ? ` ${name.slice(1)}="${escaped(textOf(value) ?? '')}"` : [],
    )
    .join('')
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character)
}
