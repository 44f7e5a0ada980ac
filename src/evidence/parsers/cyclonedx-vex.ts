import type { VexProduct, VexStatement, VexStatus } from '../model.ts'
import type { CycloneDxComponents } from './cyclonedx-components.ts'
import { instantOf, objectOf, textOf, type JsonObject } from './json-fields.ts'
import { itemsOf } from './report.ts'
import { productDigests } from './vex-fields.ts'

/** https://cyclonedx.org/docs/1.6/json/#vulnerabilities_items_analysis_state */
const STATUS: Readonly<Record<string, VexStatus>> = {
  not_affected: 'not_affected',
  false_positive: 'not_affected',
  resolved: 'fixed',
  resolved_with_pedigree: 'fixed',
  exploitable: 'affected',
  in_triage: 'under_investigation',
}

/** What the analysis of a vulnerability says, as a VEX statement; undefined if it has none. */
export function cyclonedxStatement(
  item: JsonObject,
  subject: JsonObject,
  components: CycloneDxComponents,
  document: { id: string | null; time: string | null },
): VexStatement | undefined {
  const analysis = objectOf(item['analysis'])
  const state = textOf(analysis['state'])
  const status = state !== null && Object.hasOwn(STATUS, state) ? STATUS[state] : undefined
  if (!status) return undefined
  const id = textOf(item['id'])
  const aliases = itemsOf('cyclonedx', item, 'references').flatMap((reference) => textOf(reference['id']) ?? [])
  return {
    document: document.id,
    vulnerability: id === null ? [] : [...new Set([id, ...aliases])],
    status,
    justification: textOf(analysis['justification']) ?? (state === 'false_positive' ? state : null),
    statement: textOf(analysis['detail']),
    at: instantOf(analysis['lastUpdated']) ?? instantOf(analysis['firstIssued']) ?? instantOf(item['updated']) ?? document.time,
    products: itemsOf('cyclonedx', item, 'affects').flatMap((target) => productsOf(textOf(target['ref']) ?? '', subject, components)),
  }
}

/** The subject of the document; or one of its components: inside the subject, and, for authors trusted for packages, by itself. */
function productsOf(ref: string, subject: JsonObject, components: CycloneDxComponents): VexProduct[] {
  const purl = textOf(subject['purl'])
  const ids = purl === null ? [] : [purl]
  const hashes = itemsOf('cyclonedx', subject, 'hashes').flatMap(({ alg, content }) => (alg === 'SHA-256' ? [content] : []))
  const whole = { ids, digests: productDigests([...ids, textOf(subject['name']) ?? ''], hashes), components: [] }
  if (ref !== '' && (ref === subject['bom-ref'] || ref === purl)) return [whole]
  const component = components.referredTo(ref).purl
  if (component === null) return [{ ids: [], digests: [], components: [ref] }]
  return [
    { ...whole, components: [component] },
    { ids: [component], digests: [], components: [] },
  ]
}
