import type { Finding } from '../model.ts'
import { objectOf, objectsOf, textOf, type JsonObject } from './json-fields.ts'
import { purlParts } from './purl-parts.ts'
import { itemsOf } from './report.ts'

/** What a component tells about a finding in it. */
export type AffectedPackage = Pick<Finding, 'purl' | 'package' | 'version' | 'location'>

/** The components of a CycloneDX document, nested ones included, by what refers to them. */
export class CycloneDxComponents {
  readonly #byRef = new Map<string, AffectedPackage>()
  #count = 0

  /** @throws {ReportError} `report_malformed` for components that are not objects */
  constructor(bom: JsonObject) {
    const subject = objectOf(objectOf(bom['metadata'])['component'])
    this.#name(subject)
    this.#addAll(subject)
    this.#addAll(bom)
    this.#count += itemsOf('cyclonedx', bom, 'services').length
  }

  /** How many components and services the document lists, beside the one that it is about. */
  get count(): number {
    return this.#count
  }

  /**
   * The package that a reference names: a `bom-ref`, a BOM-Link to one, or a package URL. One that leads nowhere is shown as it stands.
   */
  referredTo(ref: string): AffectedPackage {
    const linked = /^urn:cdx:[^#]*#(.+)$/s.exec(ref)?.[1]
    const known = this.#byRef.get(ref) ?? (linked === undefined ? undefined : this.#byRef.get(decoded(linked)))
    if (known) return known
    const target = linked === undefined ? ref : decoded(linked)
    const parts = purlParts(target)
    if (!parts) return { purl: null, package: target, version: null, location: null }
    return { purl: target, package: parts.name, version: parts.version, location: null }
  }

  #addAll(owner: JsonObject): void {
    for (const component of itemsOf('cyclonedx', owner, 'components')) {
      this.#count++
      this.#name(component)
      this.#addAll(component)
    }
  }

  #name(component: JsonObject): void {
    const affected = packageOf(component)
    const ref = textOf(component['bom-ref'])
    if (ref !== null) this.#byRef.set(ref, affected)
    if (affected.purl !== null && !this.#byRef.has(affected.purl)) this.#byRef.set(affected.purl, affected)
  }
}

/** The package that a component is. */
export function packageOf(component: JsonObject): AffectedPackage {
  const purl = textOf(component['purl'])
  const parts = purl === null ? undefined : purlParts(purl)
  const name = [textOf(component['group']), textOf(component['name'])].filter((part) => part !== null).join('/')
  return {
    purl,
    package: parts?.name ?? (name === '' ? null : name),
    version: textOf(component['version']) ?? parts?.version ?? null,
    location: locationOf(component),
  }
}

const PLACES = /^(?:aquasecurity:trivy:FilePath|syft:location:0:path)$/

function locationOf(component: JsonObject): string | null {
  const place = objectsOf(component['properties']).find(({ name }) => typeof name === 'string' && PLACES.test(name))
  return textOf(place?.['value'])
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
