import { EVIDENCE_CLASSES, type EvidenceClass } from '../../core/evidence-class.ts'
import { FACT_NAMES, type FactName } from '../facts.ts'
import { isControlId } from '../controls.ts'
import type { PackRule } from '../model.ts'
import { ruleNameOf } from '../rule-name.ts'

/** An annotation as `opa inspect --annotations --format json` lists it. */
export interface Annotation {
  annotations: { scope?: string; title?: string; description?: string; custom?: Readonly<Record<string, unknown>> }
  location?: { file: string; row: number }
  /** `data`, the package, and for a rule its name. */
  path?: readonly { value: unknown }[]
}

/** What a policy says of itself in METADATA; what it leaves out is absent. */
export interface PackMetadata {
  title?: string
  description?: string
  classes?: readonly EvidenceClass[]
  facts?: readonly FactName[]
  /** Of the package: for the rules that name none. */
  controls?: readonly string[]
  /** In the order of `custom.rules`, then those that are described where they stand. */
  rules: readonly PackRule[]
  /** What the rules read as `input`: the decision's whole input, or each posted document by itself. */
  input: 'decision' | 'document'
}

/** What can't be used, as a sentence, and where it stands. */
export interface MetadataFault {
  message: string
  file: string | null
  line: number | null
}

const MAX_TITLE = 200
const MAX_DESCRIPTION = 4000
const MAX_RULES = 200
const MAX_CONTROLS = 20

/**
 * Reads the annotations of a policy: of each package its title, description and `custom`, of each rule its title, description and
 * `custom.controls`. The controls of a package stand for those of its rules that name none.
 * @param packages the packages that the policy consists of, as dotted paths without `data`
 */
export function readMetadata(
  annotations: readonly Annotation[],
  packages: ReadonlySet<string>,
): { metadata: PackMetadata; faults: MetadataFault[] } {
  const reader = new MetadataReader()
  for (const annotation of annotations) {
    const path = (annotation.path ?? []).slice(1).map(({ value }) => String(value))
    const { scope } = annotation.annotations
    if (scope === 'package' && packages.has(path.join('.'))) reader.package(annotation)
    else if ((scope === 'rule' || scope === 'document') && packages.has(path.slice(0, -1).join('.'))) {
      reader.rule(annotation, path.at(-1) ?? '')
    }
  }
  return reader.result()
}

class MetadataReader {
  readonly #faults: MetadataFault[] = []
  readonly #listed = new Map<string, PackRule>()
  readonly #described = new Map<string, PackRule>()
  readonly #found: Omit<PackMetadata, 'rules'> = { input: 'decision' }
  #controls: readonly string[] | undefined

  package({ annotations: { title, description, custom = {} }, ...place }: Annotation): void {
    const { classes, facts, rules, input, controls } = custom
    const found = this.#found
    if (title !== undefined) found.title ??= title.slice(0, MAX_TITLE)
    if (description !== undefined) found.description ??= description.trim().slice(0, MAX_DESCRIPTION)
    if (isListOf(classes, EVIDENCE_CLASSES)) found.classes ??= classes
    else if (classes !== undefined) this.#fault(place, `custom.classes must list evidence classes (${EVIDENCE_CLASSES.join(' ')})`)
    if (isListOf(facts, FACT_NAMES)) found.facts ??= facts
    else if (facts !== undefined) this.#fault(place, `custom.facts must list facts (${FACT_NAMES.join(' ')})`)
    if (input === 'decision' || input === 'document') found.input = input
    else if (input !== undefined) this.#fault(place, 'custom.input must be decision or document')
    this.#controls ??= this.#readControls(place, controls)
    if (rules !== undefined) this.#list(place, rules)
  }

  rule({ annotations: { title, description, custom = {} }, ...place }: Annotation, name: string): void {
    const rule = ruleNameOf(name)
    if (rule === undefined) return
    const controls = this.#readControls(place, custom['controls'])
    const known = this.#described.get(rule)
    this.#described.set(rule, merged(known, described(rule, title ?? '', description, controls)))
  }

  result(): { metadata: PackMetadata; faults: MetadataFault[] } {
    const rules = new Map(this.#listed)
    for (const [name, rule] of this.#described) {
      const listed = rules.get(name)
      // What stands at a rule that no result is named after describes a helper.
      if (listed) rules.set(name, merged(listed, rule))
      else if (/^(?:deny|warn|violation)(?:_|$)/.test(name)) rules.set(name, rule)
    }
    const controls = this.#controls
    const all = [...rules.values()].map((rule) => (controls === undefined || rule.controls ? rule : { ...rule, controls }))
    return { metadata: { ...this.#found, ...(controls && { controls }), rules: all }, faults: this.#faults }
  }

  #list(place: Omit<Annotation, 'annotations'>, rules: unknown): void {
    const entries = isObject(rules) ? Object.entries(rules) : []
    if (!isObject(rules) || entries.length > MAX_RULES) {
      return this.#fault(place, `custom.rules must map the name of each rule, ${MAX_RULES} at most, to its title`)
    }
    for (const [name, text] of entries) {
      const { title, description, controls } = typeof text === 'string' ? { title: text } : isObject(text) ? text : {}
      if (ruleNameOf(name) !== name || typeof title !== 'string' || (description !== undefined && typeof description !== 'string')) {
        this.#fault(
          place,
          `custom.rules: ${name.slice(0, 80)} must be a name in snake_case with a title, or with an object of title, description and controls`,
        )
        continue
      }
      this.#listed.set(name, merged(this.#listed.get(name), described(name, title, description, this.#readControls(place, controls))))
    }
  }

  #readControls(place: Omit<Annotation, 'annotations'>, value: unknown): readonly string[] | undefined {
    if (value === undefined) return undefined
    const list = typeof value === 'string' ? [value] : value
    if (Array.isArray(list) && list.length <= MAX_CONTROLS && list.every(isControlId)) {
      return [...new Set(list)].sort()
    }
    this.#fault(place, `controls must list at most ${MAX_CONTROLS} ids like SOC2-CC8.1`)
    return undefined
  }

  #fault({ location }: Omit<Annotation, 'annotations'>, message: string): void {
    this.#faults.push({ message: `${message}.`, file: location?.file ?? null, line: location?.row ?? null })
  }
}

function described(name: string, title: string, description: string | undefined, controls: readonly string[] | undefined): PackRule {
  return {
    name,
    title: title.slice(0, MAX_TITLE),
    ...(description !== undefined && { description: description.trim().slice(0, MAX_DESCRIPTION) }),
    ...(controls !== undefined && controls.length > 0 && { controls }),
  }
}

/** The first title and description count; controls of several parts add up. */
function merged(first: PackRule | undefined, second: PackRule): PackRule {
  if (!first) return second
  const controls = [...new Set([...(first.controls ?? []), ...(second.controls ?? [])])].sort()
  const description = first.description ?? second.description
  return {
    name: first.name,
    title: first.title === '' ? second.title : first.title,
    ...(description !== undefined && { description }),
    ...(controls.length > 0 && { controls }),
  }
}

function isListOf<Value extends string>(value: unknown, known: readonly Value[]): value is Value[] {
  return Array.isArray(value) && value.every((item) => (known as readonly unknown[]).includes(item))
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
