import type { VexProduct, VexStatement, VexStatus } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { csafProducts, type CsafProduct } from './csaf-products.ts'
import { instantOf, isObject, objectOf, objectsOf, stringsOf, textOf, type JsonObject } from './json-fields.ts'
import { itemsOf, jsonOf, malformed, wrongFormat } from './report.ts'
import { vexReport } from './vex-fields.ts'

/**
 * A CSAF 2.0 document of the VEX profile. https://docs.oasis-open.org/csaf/csaf/v2.0/os/csaf-v2.0-os.html#45-profile-5-vex
 * The publisher that it names is not read: whoever submits or signs it is the author.
 */
export const csaf: ReportParser = {
  format: 'csaf',
  classes: ['vex'],
  claims: ({ json }) => isCsafVex(json),
  parse: (source) => {
    const json = jsonOf('csaf', source)
    if (!isCsafVex(json)) throw wrongFormat('csaf', 'it is not a CSAF document of category csaf_vex')
    const tracking = objectOf(objectOf(json['document'])['tracking'])
    const reportedAt = instantOf(tracking['current_release_date'])
    const products = csafProducts(objectOf(json['product_tree']))
    const groups = groupsOf(objectOf(json['product_tree']))
    const statements = itemsOf('csaf', json, 'vulnerabilities').flatMap((item) =>
      statementsOf(item, { document: textOf(tracking['id']), products, groups, at: reportedAt }),
    )
    return vexReport({ name: 'csaf', version: null }, statements, reportedAt, isFinal(tracking) ? null : 'The document is a draft.')
  },
}

function isCsafVex(json: unknown): json is JsonObject {
  if (!isObject(json) || !isObject(json['document'])) return false
  return json['document']['category'] === 'csaf_vex' && typeof json['document']['csaf_version'] === 'string'
}

function isFinal(tracking: JsonObject): boolean {
  return tracking['status'] === 'final' || tracking['status'] === 'interim'
}

/** The lists of `product_status`, as what they say. Recommended products aren't stated to be anything. */
const STATUS: readonly [string, VexStatus][] = [
  ['known_affected', 'affected'],
  ['first_affected', 'affected'],
  ['last_affected', 'affected'],
  ['under_investigation', 'under_investigation'],
  ['fixed', 'fixed'],
  ['first_fixed', 'fixed'],
  ['known_not_affected', 'not_affected'],
]

/** What the statements of a document share. */
interface Shared {
  document: string | null
  products: ReadonlyMap<string, CsafProduct>
  groups: ReadonlyMap<string, readonly string[]>
  at: string | null
}

function statementsOf(item: JsonObject, { document, products, groups, at }: Shared): VexStatement[] {
  const vulnerability = [textOf(item['cve']), ...objectsOf(item['ids']).map(({ text }) => textOf(text))].filter((id) => id !== null)
  const listed = objectOf(item['product_status'])
  const reasons = reasonsOf(item, groups)
  return STATUS.flatMap(([list, status]) =>
    idsIn(listed[list]).map((id): VexStatement => {
      const reason = status === 'not_affected' ? reasons.get(id) : undefined
      return {
        document,
        vulnerability: [...new Set(vulnerability)],
        status,
        justification: reason?.justification ?? null,
        statement: reason?.statement ?? null,
        at,
        products: [productOf(id, products)],
      }
    }),
  )
}

function productOf(id: string, products: ReadonlyMap<string, CsafProduct>): VexProduct {
  const product = products.get(id)
  if (!product) throw malformed('csaf', `speaks of the product ${id.slice(0, 80)}, which its product_tree lacks`)
  return { ids: product.ids, digests: product.digests, components: product.components }
}

/** Why products aren't affected: the flag's label, else the impact as a text (mandatory test 6.1.27.9 asks for one of them). */
function reasonsOf(item: JsonObject, groups: ReadonlyMap<string, readonly string[]>) {
  const reasons = new Map<string, { justification: string | null; statement: string | null }>()
  const note = (id: string, reason: { justification?: string | null; statement?: string | null }): void => {
    reasons.set(id, { justification: null, statement: null, ...reasons.get(id), ...reason })
  }
  for (const flag of objectsOf(item['flags'])) for (const id of concerned(flag, groups)) note(id, { justification: textOf(flag['label']) })
  for (const threat of objectsOf(item['threats'])) {
    if (threat['category'] !== 'impact') continue
    for (const id of concerned(threat, groups)) note(id, { statement: textOf(threat['details']) })
  }
  return reasons
}

function concerned(item: JsonObject, groups: ReadonlyMap<string, readonly string[]>): string[] {
  return [...stringsOf(item['product_ids']), ...stringsOf(item['group_ids']).flatMap((group) => groups.get(group) ?? [])]
}

function groupsOf(tree: JsonObject): Map<string, readonly string[]> {
  return new Map(objectsOf(tree['product_groups']).map((group) => [textOf(group['group_id']) ?? '', stringsOf(group['product_ids'])]))
}

function idsIn(value: unknown): string[] {
  if (value === undefined) return []
  if (!Array.isArray(value) || !value.every((id) => typeof id === 'string'))
    throw malformed('csaf', 'has a product_status that is no list of ids')
  return value
}
