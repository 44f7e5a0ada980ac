import { canonicalJson } from '../core/canonical-json.ts'

/** What the generated entry point of a policy says of one of its rules: the rule's whole value. See `authoring/gather.ts`. */
interface Gathered {
  gathered: string
  effect: 'violation' | 'warning'
  value: unknown
  /** Index of the evidence whose document was the input, if one was. */
  evidence?: number
}

/**
 * Unrolls the values of conftest's rules into single results: a set or an array of sentences or objects (`deny contains msg`), an object with a
 * message for each key (`deny[msg]`), a single sentence or object, or just true or false. What is no gathered value stays as it is.
 * @returns a sentence where a value says nothing that can be understood, since a rule that nobody understands may not let pass
 */
export function unrolled(values: readonly unknown[]): unknown[] | string {
  const results: unknown[] = []
  for (const value of values) {
    const said = isGathered(value) ? resultsOf(value) : [value]
    if (typeof said === 'string') return said
    results.push(...said)
  }
  return results
}

function resultsOf({ gathered: rule, effect, value, evidence }: Gathered): unknown[] | string {
  const said = spoken(value)
  if (said === undefined) return `rule ${rule} is neither a list of sentences or objects nor true or false`
  const common = { rule, effect, ...(evidence !== undefined && { evidence: [evidence] }) }
  return said.map((one) => {
    if (one === true) return { ...common, message: `Rule ${rule} is broken.` }
    if (typeof one === 'string') return { ...common, message: one }
    return isObject(one) ? { ...common, ...lifted(one), effect } : one
  })
}

function spoken(value: unknown): readonly unknown[] | undefined {
  if (typeof value === 'boolean') return value ? [true] : []
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return inOrder(value)
  if (!isObject(value)) return undefined
  if (isMessage(value)) return [value]
  return inOrder(
    Object.entries(value).map(([key, under]): unknown => (under === true ? key : isObject(under) ? { message: key, ...under } : under)),
  )
}

/** Wasm sets come in the order of their hashes. */
function inOrder(values: readonly unknown[]): unknown[] {
  return values
    .map((value) => ({ value, key: canonicalJson(value) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ value }) => value)
}

/** Names the rule, and takes from under `metadata` what Portcullis knows by the same name and isn't said beside it. */
function lifted(value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const below = isObject(value['metadata']) ? value['metadata'] : {}
  const { severity, fix, controls } = below
  const rule = value['rule'] ?? value['code'] ?? below['rule'] ?? below['code']
  return defined({ severity, fix, controls, ...value, rule })
}

function defined(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}

function isMessage(value: Readonly<Record<string, unknown>>): boolean {
  return typeof value['msg'] === 'string' || typeof value['message'] === 'string'
}

function isGathered(value: unknown): value is Gathered {
  return isObject(value) && typeof value['gathered'] === 'string' && (value['effect'] === 'violation' || value['effect'] === 'warning')
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
