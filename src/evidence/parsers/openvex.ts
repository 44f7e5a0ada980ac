import { VEX_STATUSES, type VexProduct, type VexStatement } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { instantOf, isObject, objectOf, stringsOf, textOf, type JsonObject } from './json-fields.ts'
import { itemsOf, jsonOf, malformed, wrongFormat } from './report.ts'
import { productDigests, vexReport } from './vex-fields.ts'

/**
 * OpenVEX 0.2.0, and 0.0.x with its plain strings. https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md
 * The author that the document names is not read: whoever submits or signs it is the author.
 */
export const openvex: ReportParser = {
  format: 'openvex',
  classes: ['vex'],
  claims: ({ json }) => isOpenVex(json),
  parse: (source) => {
    const json = jsonOf('openvex', source)
    if (!isOpenVex(json)) throw wrongFormat('openvex', 'its @context is not https://openvex.dev/ns')
    const reportedAt = instantOf(json['last_updated']) ?? instantOf(json['timestamp'])
    const statements = itemsOf('openvex', json, 'statements').map((item) => statement(item, textOf(json['@id']), reportedAt))
    return vexReport({ name: 'openvex', version: null }, statements, reportedAt)
  },
}

function isOpenVex(json: unknown): json is JsonObject {
  return isObject(json) && typeof json['@context'] === 'string' && /^https:\/\/openvex\.dev\/ns(?:\/|@|$)/.test(json['@context'])
}

function statement(item: JsonObject, document: string | null, documentTime: string | null): VexStatement {
  const status = VEX_STATUSES.find((known) => known === item['status'])
  if (!status) throw malformed('openvex', 'has a statement whose status is none of OpenVEX')
  const shared = item['subcomponents'] === undefined ? [] : identifiersOfAll(item['subcomponents'])
  return {
    document,
    vulnerability: vulnerabilityOf(item['vulnerability']),
    status,
    justification: textOf(item['justification']),
    statement: textOf(item['impact_statement']) ?? textOf(item['action_statement']) ?? textOf(item['status_notes']),
    at: instantOf(item['last_updated']) ?? instantOf(item['timestamp']) ?? documentTime,
    products: listOf(item['products']).map((product) => productOf(product, shared)),
  }
}

function vulnerabilityOf(value: unknown): string[] {
  if (typeof value === 'string') return value === '' ? [] : [value]
  const { name, aliases } = objectOf(value)
  const id = textOf(name)
  return id === null ? [] : [...new Set([id, ...stringsOf(aliases)])]
}

function productOf(value: unknown, shared: readonly string[]): VexProduct {
  const ids = identifiersOf(value)
  const { subcomponents, hashes } = objectOf(value)
  const components = subcomponents === undefined ? [] : identifiersOfAll(subcomponents)
  if (ids.length === 0 && !isObject(hashes)) throw malformed('openvex', 'has a product without an identifier')
  return { ids, digests: productDigests(ids, [objectOf(hashes)['sha-256']]), components: [...shared, ...components] }
}

/** Identifiers of subcomponents. One without any would turn a statement about a part into one about the whole. */
function identifiersOfAll(value: unknown): string[] {
  return listOf(value).flatMap((item) => {
    const ids = identifiersOf(item)
    if (ids.length === 0) throw malformed('openvex', 'has a subcomponent without an identifier')
    return ids
  })
}

function identifiersOf(value: unknown): string[] {
  if (typeof value === 'string') return value === '' ? [] : [value]
  const item = objectOf(value)
  const id = textOf(item['@id'])
  const purl = textOf(objectOf(item['identifiers'])['purl'])
  return [...new Set([id, purl].filter((text) => text !== null))]
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw malformed('openvex', 'has products or subcomponents that are not a list')
  return value
}
