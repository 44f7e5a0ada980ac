/** A Rego value as the engine writes it out. Numbers keep their text, since a double would round nanoseconds. */
export type RegoValue = null | boolean | string | RegoNumber | RegoArray | RegoObject | RegoSet
export type RegoArray = readonly RegoValue[]

export class RegoNumber {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

export class RegoObject {
  /** Keys may be any value; in Rego's order. */
  readonly entries: readonly (readonly [RegoValue, RegoValue])[]

  constructor(entries: (readonly [RegoValue, RegoValue])[]) {
    this.entries = entries.sort(([a], [b]) => compareRego(a, b))
  }

  get(key: RegoValue): RegoValue | undefined {
    return this.entries.find(([candidate]) => compareRego(candidate, key) === 0)?.[1]
  }
}

export class RegoSet {
  /** In Rego's order. */
  readonly items: RegoArray

  constructor(items: RegoValue[]) {
    this.items = items.sort(compareRego)
  }

  has(item: RegoValue): boolean {
    return this.items.some((candidate) => compareRego(candidate, item) === 0)
  }
}

/**
 * The order of Rego: null < boolean < number < string < array < object < set; objects by their sorted keys, then by values.
 * Strings compare by code point, as Go compares their UTF-8.
 */
export function compareRego(a: RegoValue, b: RegoValue): number {
  const rank = rankOf(a) - rankOf(b)
  if (rank !== 0) return rank
  if (a instanceof RegoNumber && b instanceof RegoNumber) return compareNumbers(a.text, b.text)
  if (typeof a === 'string' && typeof b === 'string') return compareStrings(a, b)
  if (isRegoArray(a) && isRegoArray(b)) return compareLists(a, b)
  if (a instanceof RegoSet && b instanceof RegoSet) return compareLists(a.items, b.items)
  if (a instanceof RegoObject && b instanceof RegoObject) return compareObjects(a, b)
  return Number(a) - Number(b)
}

export function isRegoArray(value: RegoValue): value is RegoArray {
  return Array.isArray(value)
}

function rankOf(value: RegoValue): number {
  if (value === null) return 0
  if (typeof value === 'boolean') return 1
  if (value instanceof RegoNumber) return 2
  if (typeof value === 'string') return 3
  if (isRegoArray(value)) return 4
  return value instanceof RegoObject ? 5 : 6
}

function compareLists(a: RegoArray, b: RegoArray): number {
  for (const [index, item] of a.entries()) {
    const other = b[index]
    if (other === undefined) return 1
    const order = compareRego(item, other)
    if (order !== 0) return order
  }
  return a.length - b.length
}

function compareObjects(a: RegoObject, b: RegoObject): number {
  const keys = (object: RegoObject): RegoArray => object.entries.map(([key]) => key)
  const values = (object: RegoObject): RegoArray => object.entries.map(([, value]) => value)
  for (const [index, key] of keys(a).entries()) {
    const other = b.entries[index]
    if (other === undefined) return 1
    const order = compareRego(key, other[0]) || compareRego(values(a)[index] ?? null, other[1])
    if (order !== 0) return order
  }
  return a.entries.length - b.entries.length
}

function compareNumbers(a: string, b: string): number {
  if (a === b) return 0
  const [bigA, bigB] = [integerOf(a), integerOf(b)]
  if (bigA !== undefined && bigB !== undefined) return bigA < bigB ? -1 : bigA > bigB ? 1 : 0
  return Number(a) - Number(b)
}

function compareStrings(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b))
}

const DECIMAL = /^(-?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/
/** No number that a builtin here takes is longer; larger exponents would only cost memory. */
const MAX_DIGITS = 400

/** The exact integer that a number's text stands for (`1e3`, `5.0` too), or undefined if it isn't one. */
export function integerOf(text: string): bigint | undefined {
  const match = DECIMAL.exec(text)
  if (!match) return undefined
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match
  const digits = whole + fraction
  const shift = Number(exponent) - fraction.length
  if (/^0+$/.test(digits)) return 0n
  if (digits.length + Math.abs(shift) > MAX_DIGITS) return undefined
  if (shift < 0 && !/^0*$/.test(digits.slice(shift))) return undefined
  const integer = shift < 0 ? digits.slice(0, shift) : digits + '0'.repeat(shift)
  return BigInt(`${sign}${integer === '' ? '0' : integer}`)
}
