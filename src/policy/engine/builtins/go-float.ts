/** Doubles written as Go's `strconv.FormatFloat` writes them. All take the magnitude: a finite number that isn't negative. */

/** Go's %f: so many decimal places, the exact value rounded half to even. (`toFixed` rounds half up.) */
export function fixed(value: number, places: number): string {
  const digits = scaled(value, places)
    .toString()
    .padStart(places + 1, '0')
  return places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`
}

/** Go's %e, with at least two digits of exponent. */
export function exponential(value: number, places: number): string {
  const { digits, exponent } = significant(value, places + 1)
  return withExponent(digits, exponent)
}

/**
 * Go's %g: an exponent if it is below -4 or not below the precision. Without a precision the shortest digits that read back as the same
 * number, and an exponent from 1e6 on.
 */
export function general(value: number, precision: number | undefined): string {
  const { digits, exponent } = precision === undefined ? shortest(value) : significant(value, Math.max(precision, 1))
  const kept = digits.replace(/(?!^)0+$/, '')
  const limit = precision === undefined ? 6 : precision > kept.length && kept.length > exponent ? kept.length : Math.max(precision, 1)
  return exponent < -4 || exponent >= limit ? withExponent(kept, exponent) : plain(kept, exponent)
}

function plain(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0')
  const fraction = digits.slice(exponent + 1)
  return fraction === '' ? whole : `${whole}.${fraction}`
}

function withExponent(digits: string, exponent: number): string {
  const mantissa = digits.length > 1 ? `${digits.slice(0, 1)}.${digits.slice(1)}` : digits
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
}

interface Digits {
  /** The first one isn't 0, except for zero itself. */
  digits: string
  /** Power of ten of the first digit. */
  exponent: number
}

function shortest(value: number): Digits {
  const text = value.toExponential()
  const at = text.indexOf('e')
  return { digits: text.slice(0, at).replace('.', ''), exponent: Number(text.slice(at + 1)) }
}

function significant(value: number, count: number): Digits {
  if (value === 0) return { digits: '0'.repeat(count), exponent: 0 }
  const { exponent } = shortest(value)
  const digits = scaled(value, count - 1 - exponent).toString()
  // Rounding up may have carried into a new digit, and the shortest form may have been rounded up into one.
  if (digits.length > count) return { digits: digits.slice(0, count), exponent: exponent + 1 }
  return digits.length === count ? { digits, exponent } : { digits: scaled(value, count - exponent).toString(), exponent: exponent - 1 }
}

/** value × 10^places, exactly, rounded half to even. */
function scaled(value: number, places: number): bigint {
  const { mantissa, exponent } = binary(value)
  const numerator = mantissa * (exponent > 0 ? 2n ** BigInt(exponent) : 1n) * (places > 0 ? 10n ** BigInt(places) : 1n)
  const denominator = (exponent < 0 ? 2n ** BigInt(-exponent) : 1n) * (places < 0 ? 10n ** BigInt(-places) : 1n)
  const [quotient, rest] = [numerator / denominator, (numerator % denominator) * 2n]
  return rest > denominator || (rest === denominator && quotient % 2n === 1n) ? quotient + 1n : quotient
}

/** A double as mantissa × 2^exponent. */
function binary(value: number): { mantissa: bigint; exponent: number } {
  const bits = new DataView(new ArrayBuffer(8))
  bits.setFloat64(0, value)
  const word = bits.getBigUint64(0)
  const exponent = Number((word >> 52n) & 0x7ffn)
  const fraction = word & 0xf_ffff_ffff_ffffn
  return exponent === 0 ? { mantissa: fraction, exponent: -1074 } : { mantissa: fraction | (1n << 52n), exponent: exponent - 1075 }
}
