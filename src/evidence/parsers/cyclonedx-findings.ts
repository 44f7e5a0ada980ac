import type { Finding } from '../model.ts'
import { packageOf, type AffectedPackage, type CycloneDxComponents } from './cyclonedx-components.ts'
import { decidingRating } from './cyclonedx-ratings.ts'
import { isObject, objectOf, stringsOf, textOf, type JsonObject } from './json-fields.ts'
import { finding, itemsOf, titleOf } from './report.ts'

/** A finding, and what tells it apart from others of the same vulnerability in an equal package. */
export interface CycloneDxFinding {
  found: Finding
  place: string
}

/** One finding for each component that a vulnerability affects, or a single one if it names none. */
export function cyclonedxFindings(item: JsonObject, components: CycloneDxComponents): CycloneDxFinding[] {
  const vulnerability = vulnerabilityOf(item)
  const affects = itemsOf('cyclonedx', item, 'affects')
  if (affects.length === 0) return [{ found: vulnerability, place: '' }]
  return affects.map((target) => {
    const place = textOf(target['ref']) ?? ''
    return { found: { ...vulnerability, ...affectedBy(target, place, components) }, place }
  })
}

/** The older extension lists vulnerabilities inside their component, which the XML reader then puts in place of a reference. */
function affectedBy(target: JsonObject, ref: string, components: CycloneDxComponents): Partial<AffectedPackage> {
  if (isObject(target['component'])) return packageOf(target['component'])
  return ref === '' ? {} : components.referredTo(ref)
}

function vulnerabilityOf(item: JsonObject): Finding {
  const id = textOf(item['id']) ?? textOf(item['bom-ref']) ?? 'unnamed'
  const aliases = itemsOf('cyclonedx', item, 'references').flatMap((reference) => textOf(reference['id']) ?? [])
  const analysis = objectOf(item['analysis'])
  const responses = stringsOf(analysis['response'])
  return finding({
    class: 'vulnerabilities',
    id,
    aliases: [...new Set(aliases)].filter((alias) => alias !== id),
    ...decidingRating(itemsOf('cyclonedx', item, 'ratings')),
    title: titleOf(item['description'], item['detail']),
    fixedVersion: fixedVersion(item['recommendation'], responses),
    fixState: responses.length > 0 ? responses.join(', ') : null,
  })
}

const NAMES_A_VERSION = /\b(?:to|versions?)\s+(v?\d.{0,99})$/i
const ADVISES_UPDATE = /^(?:upgrade|update|bump)\b/i

/** The format has no field for it: Trivy, Snyk and others write "Upgrade NAME to version VERSION". */
function fixedVersion(recommendation: unknown, responses: readonly string[]): string | null {
  const advice = titleOf(recommendation)?.replace(/\.$/, '') ?? ''
  if (!ADVISES_UPDATE.test(advice)) return responses.includes('update') ? 'a later version' : null
  return NAMES_A_VERSION.exec(advice)?.[1] ?? 'a later version'
}
