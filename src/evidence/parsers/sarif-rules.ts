import { compareSeverity } from '../../core/severity.ts'
import { isObject, numberOf, objectOf, objectsOf, textOf, type JsonObject } from './json-fields.ts'
import { severityOfLevel, severityWord } from './sarif-severity.ts'

/** Finds the rule that a result of one run refers to (SARIF 2.1.0, sections 3.27.5 to 3.27.7 and 3.52). */
export class SarifRules {
  readonly #driver: readonly JsonObject[]
  readonly #extensions: readonly (readonly JsonObject[])[]
  readonly #extensionsByName: ReadonlyMap<unknown, readonly JsonObject[]>
  readonly #byId = new Map<string, JsonObject[]>()
  readonly #overrides = new Map<string, string>()

  constructor(run: JsonObject) {
    const tool = objectOf(run['tool'])
    this.#driver = rulesOf(objectOf(tool['driver']))
    const extensions = objectsOf(tool['extensions'])
    this.#extensions = extensions.map(rulesOf)
    this.#extensionsByName = new Map(extensions.map((extension, index) => [extension['name'], this.#extensions[index] ?? []]))
    for (const rule of [...this.#driver, ...this.#extensions.flat()]) {
      const id = textOf(rule['id'])
      if (id !== null) this.#add(id, rule)
    }
    for (const override of objectsOf(run['invocations']).flatMap((item) => objectsOf(item['ruleConfigurationOverrides']))) {
      const { id, index } = objectOf(override['descriptor'])
      const rule = textOf(id) ?? textOf(this.#driver[numberOf(index) ?? -1]?.['id'])
      if (rule !== null) this.#override(rule, textOf(objectOf(override['configuration'])['level']))
    }
  }

  /** Of rules with one id, those that rate results differently are told apart: attacker-controlled, so only by a few words. */
  #add(id: string, rule: JsonObject): void {
    const known = this.#byId.get(id) ?? []
    if (known.every((other) => severityWord(other) !== severityWord(rule))) known.push(rule)
    this.#byId.set(id, known)
  }

  /** Of several levels that the run's configuration gives one rule, the worst counts. */
  #override(rule: string, level: string | null): void {
    const known = this.#overrides.get(rule)
    if (level !== null && (known === undefined || compareSeverity(severityOfLevel(level), severityOfLevel(known)) < 0))
      this.#overrides.set(rule, level)
  }

  /**
   * The rule's id, and what is known of the rule (an empty object if the log doesn't describe it). `namesakes` are others of that id that rate
   * results differently, unless the result tells by an index which one it means.
   */
  find(result: JsonObject): { id: string; rule: JsonObject; namesakes: readonly JsonObject[] } {
    const reference = objectOf(result['rule'])
    const stated = textOf(result['ruleId']) ?? textOf(reference['id'])
    const indexed = this.#atIndex(result, reference)
    const indexedId = textOf(indexed?.['id'])
    if (indexed && (stated === null || indexedId === null || isUnder(stated, indexedId)))
      return { id: stated ?? indexedId ?? 'unnamed', rule: indexed, namesakes: [] }
    const [rule = {}, ...namesakes] = stated === null ? [] : this.#named(stated)
    return { id: stated ?? 'unnamed', rule, namesakes }
  }

  /** The level that the run's configuration gives the rule, if it states one. */
  configuredLevel(id: string, rule: JsonObject): string | null {
    const ruleId = textOf(rule['id']) ?? id
    return this.#overrides.get(ruleId) ?? textOf(objectOf(rule['defaultConfiguration'])['level'])
  }

  #atIndex(result: JsonObject, reference: JsonObject): JsonObject | undefined {
    const component = objectOf(reference['toolComponent'])
    const index = numberOf(reference['index']) ?? numberOf(result['ruleIndex']) ?? -1
    const name = textOf(component['name'])
    const extension = this.#extensions[numberOf(component['index']) ?? -1] ?? (name === null ? undefined : this.#extensionsByName.get(name))
    return (extension ?? this.#driver)[index]
  }

  /** A hierarchical id such as `CA1000/1` refers to the rule `CA1000` unless it is described itself (section 3.5.4). */
  #named(id: string): readonly JsonObject[] {
    const parent = id.lastIndexOf('/')
    return this.#byId.get(id) ?? (parent > 0 ? this.#byId.get(id.slice(0, parent)) : undefined) ?? []
  }
}

/** The rules of a driver or an extension, each at its place. */
export function rulesOf(component: JsonObject): JsonObject[] {
  const rules = component['rules']
  // Not filtered like other lists: results refer to rules by position.
  return Array.isArray(rules) ? rules.map((rule: unknown) => (isObject(rule) ? rule : {})) : []
}

function isUnder(id: string, ruleId: string): boolean {
  return id === ruleId || id.startsWith(`${ruleId}/`)
}
