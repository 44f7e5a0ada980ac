import type { VexProduct } from '../model.ts'
import { objectOf, objectsOf, textOf, type JsonObject } from './json-fields.ts'
import { malformed } from './report.ts'
import { productDigests } from './vex-fields.ts'

/** A product of a document's tree, under the id that statements use. */
export type CsafProduct = VexProduct

const MAX_DEPTH = 64

/**
 * The products of a CSAF product tree: full names, leaves of branches, and parts of products (`relationships`).
 * https://docs.oasis-open.org/csaf/csaf/v2.0/os/csaf-v2.0-os.html#322-product-tree-property
 */
export function csafProducts(tree: JsonObject): Map<string, CsafProduct> {
  const products = new Map<string, CsafProduct>()
  for (const item of objectsOf(tree['full_product_names'])) keep(products, item)
  for (const branch of objectsOf(tree['branches'])) keepBranch(products, branch, 0)
  for (const relationship of objectsOf(tree['relationships'])) keepPart(products, relationship)
  return products
}

function keep(products: Map<string, CsafProduct>, item: JsonObject): void {
  const id = textOf(item['product_id'])
  if (id === null) throw malformed('csaf', 'has a product without product_id')
  if (products.has(id)) throw malformed('csaf', `defines the product ${id.slice(0, 80)} twice`)
  const helper = objectOf(item['product_identification_helper'])
  const ids = [textOf(helper['purl'])].filter((text) => text !== null)
  const hashes = objectsOf(helper['hashes']).flatMap((hash) => objectsOf(hash['file_hashes']))
  const sha256 = hashes.filter(({ algorithm }) => algorithm === 'sha256').map(({ value }) => value)
  products.set(id, { ids, digests: productDigests(ids, sha256), components: [] })
}

function keepBranch(products: Map<string, CsafProduct>, branch: JsonObject, depth: number): void {
  if (depth > MAX_DEPTH) throw malformed('csaf', `has a product tree deeper than ${MAX_DEPTH} branches`)
  if (branch['product'] !== undefined) keep(products, objectOf(branch['product']))
  for (const inner of objectsOf(branch['branches'])) keepBranch(products, inner, depth + 1)
}

/** `A as a component of B`: a statement about it is about A inside B. Without an identifier of A it could only be about all of B. */
function keepPart(products: Map<string, CsafProduct>, relationship: JsonObject): void {
  const id = textOf(objectOf(relationship['full_product_name'])['product_id'])
  const part = products.get(textOf(relationship['product_reference']) ?? '')
  const whole = products.get(textOf(relationship['relates_to_product_reference']) ?? '')
  if (id === null || !part || !whole) throw malformed('csaf', 'has a relationship between products that it does not define')
  if (products.has(id)) throw malformed('csaf', `defines the product ${id.slice(0, 80)} twice`)
  const components = [...whole.components, ...part.ids, ...part.digests]
  products.set(id, { ids: whole.ids, digests: whole.digests, components: components.length > 0 ? components : [id] })
}
