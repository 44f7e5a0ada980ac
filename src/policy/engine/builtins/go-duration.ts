const NANOSECONDS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}
const HOURS: Readonly<Record<string, number>> = { d: 24, w: 7 * 24, y: 365 * 24 }
const LIMIT = 2n ** 63n

/**
 * OPA's duration: Go's `time.ParseDuration` (`-1.5h`, `2h45m`), and the units d, w and y.
 * @returns nanoseconds, or undefined where OPA reports an error
 */
export function parseDuration(text: string): bigint | undefined {
  if (!/[dwy]/.test(text)) return parseGoDuration(text)
  const rewritten = extendedUnitsAsHours(text)
  return rewritten === undefined ? undefined : parseGoDuration(rewritten)
}

const EXTENDED = /^[+-]?(?:[0-9.]+(?:ms|us|µs|ns|[a-z]))+$/
const SEGMENT = /([0-9.]+)(ms|us|µs|ns|[a-z])/g

function extendedUnitsAsHours(text: string): string | undefined {
  if (!EXTENDED.test(text)) return undefined
  let valid = true
  const rewritten = text.replaceAll(SEGMENT, (segment, digits: string, unit: string) => {
    const hours = HOURS[unit]
    if (hours === undefined) return segment
    const value = Number(digits)
    valid &&= Number.isFinite(value)
    return `${plainDecimal(value * hours)}h`
  })
  return valid ? rewritten : undefined
}

/** Shortest decimal without an exponent, as Go's `FormatFloat(value, 'f', -1, 64)`. */
function plainDecimal(value: number): string {
  const text = String(value)
  const match = /^(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text)
  if (!match) return text
  const [, whole = '', fraction = '', exponent = '0'] = match
  const shift = Number(exponent)
  return shift < 0 ? `0.${'0'.repeat(-shift - 1)}${whole}${fraction}` : (whole + fraction).padEnd(shift + 1, '0')
}

const PART = /(\d*)(?:(\.)(\d*))?([^.\d]+)/y

/** Go's `time.ParseDuration`, step by step: overflow is an error, and a fraction goes through a double. */
function parseGoDuration(text: string): bigint | undefined {
  const negative = text.startsWith('-')
  const body = text.replace(/^[+-]/, '')
  if (body === '0') return 0n
  let total = 0n
  PART.lastIndex = 0
  while (PART.lastIndex < body.length) {
    const match = PART.exec(body)
    const part = match && partNanoseconds(match[1] ?? '', match[3] ?? '', match[4] ?? '')
    if (typeof part !== 'bigint') return undefined
    total += part
    if (total > LIMIT) return undefined
  }
  if (body === '' || (!negative && total === LIMIT)) return undefined
  return negative ? -total : total
}

function partNanoseconds(whole: string, fraction: string, unitName: string): bigint | undefined {
  const unit = Object.hasOwn(NANOSECONDS, unitName) ? NANOSECONDS[unitName] : undefined
  if (unit === undefined || whole + fraction === '') return undefined
  const units = BigInt(whole === '' ? '0' : whole)
  if (units > LIMIT || units > LIMIT / unit) return undefined
  const nanoseconds = units * unit + fractionNanoseconds(fraction, unit)
  return nanoseconds > LIMIT ? undefined : nanoseconds
}

/** Takes as many digits as an int64 holds, like Go, and no more. */
function fractionNanoseconds(digits: string, unit: bigint): bigint {
  let numerator = 0n
  let scale = 1
  for (const digit of digits) {
    if (numerator > (LIMIT - 1n) / 10n) break
    const next = numerator * 10n + BigInt(digit)
    if (next > LIMIT) break
    numerator = next
    scale *= 10
  }
  return BigInt(Math.trunc(Number(numerator) * (Number(unit) / scale)))
}
