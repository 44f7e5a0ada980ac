import { RegoNumber, integerOf, type RegoValue } from './rego-value.ts'

/** What a builtin answers; a bigint is an exact integer. */
export type BuiltinResult = boolean | string | number | bigint | readonly (number | bigint)[] | undefined

/**
 * A builtin that the host supplies. `undefined` is what OPA makes of a builtin's error outside strict mode: the expression is undefined.
 * Whatever it throws ends the evaluation with `policy_error`: thrown only where OPA's own answer can't be given.
 */
export type Builtin = (...operands: RegoValue[]) => BuiltinResult

const INT64_MIN = -(2n ** 63n)
const INT64_MAX = 2n ** 63n - 1n

/** The number as an int64, or undefined if it isn't one. */
export function int64Of(value: RegoValue | undefined): bigint | undefined {
  if (!(value instanceof RegoNumber)) return undefined
  const integer = integerOf(value.text)
  return integer !== undefined && fitsInt64(integer) ? integer : undefined
}

export function fitsInt64(integer: bigint): boolean {
  return integer >= INT64_MIN && integer <= INT64_MAX
}
