import type { Builtin } from './builtin.ts'
import { exponential, fixed, general } from './go-float.ts'
import { goQuote, regoText } from './rego-text.ts'
import { integerOf, isRegoArray, RegoNumber, type RegoValue } from './rego-value.ts'

export const sprintfBuiltins: Readonly<Record<string, Builtin>> = {
  sprintf: (format, values) =>
    typeof format === 'string' && values !== undefined && values !== null && typeof values === 'object' && isRegoArray(values)
      ? sprintf(format, values.map(operandOf))
      : undefined,
}

/** What OPA hands to Go's `fmt.Sprintf`: numbers as int64, big integer or float64, and everything else as text. */
type Operand = { type: 'int64' | '*big.Int'; value: bigint } | { type: 'float64'; value: number } | { type: 'string'; value: string }

function operandOf(value: RegoValue): Operand {
  if (typeof value === 'string') return { type: 'string', value }
  if (!(value instanceof RegoNumber)) return { type: 'string', value: regoText(value) }
  if (/[.eE]/.test(value.text)) return { type: 'float64', value: Number(value.text) }
  const integer = integerOf(value.text)
  if (integer === undefined) return { type: 'string', value: value.text }
  return { type: BigInt.asIntN(64, integer) === integer ? 'int64' : '*big.Int', value: integer }
}

const DIRECTIVE = /%([-+# 0]*)(\d*)(\.\d*)?(.?)/gsu
/** Policy authors don't need more; input could. */
const MAX_WIDTH = 100

interface Directive {
  left: boolean
  plus: boolean
  space: boolean
  zero: boolean
  width: number
  precision: number | undefined
  verb: string
}

/**
 * Go's `fmt.Sprintf` for the verbs v s d q t x X f F e g with the flags `- + 0 space`, width and precision.
 * @throws {Error} for other verbs, explicit indexes, `*` and `#`
 */
function sprintf(format: string, operands: readonly Operand[]): string {
  let next = 0
  const text = format.replaceAll(DIRECTIVE, (_, flags: string, width: string, precision: string | undefined, verb: string) => {
    if (verb === '') return '%!(NOVERB)'
    if (verb === '%') return '%'
    const directive = directiveOf(flags, width, precision, verb)
    const operand = operands[next++]
    if (operand === undefined) return `%!${verb}(MISSING)`
    // Go takes %+v for something else, which only big integers read as a plus.
    return formatOperand(verb === 'v' && operand.type !== '*big.Int' ? { ...directive, plus: false } : directive, operand)
  })
  const extra = operands.slice(next)
  return extra.length === 0 ? text : `${text}%!(EXTRA ${extra.map((operand) => `${operand.type}=${plain(operand)}`).join(', ')})`
}

function directiveOf(flags: string, width: string, precision: string | undefined, verb: string): Directive {
  if (flags.includes('#') || '*[Tp'.includes(verb)) throw new Error(`sprintf: %${flags}${verb} is not offered`)
  const places = precision === undefined ? undefined : Number(precision.slice(1))
  if (Number(width) > MAX_WIDTH || (places ?? 0) > 100) throw new Error('sprintf: the width or precision is too large')
  const left = flags.includes('-')
  return {
    left,
    plus: flags.includes('+'),
    space: flags.includes(' '),
    zero: flags.includes('0') && !left,
    width: Number(width),
    precision: places,
    verb,
  }
}

function formatOperand(directive: Directive, operand: Operand): string {
  switch (operand.type) {
    case 'string':
      return formatString(directive, operand.value) ?? wrongVerb(directive, operand)
    case 'float64':
      return formatFloat(directive, operand.value) ?? wrongVerb(directive, operand)
    case 'int64':
    case '*big.Int':
      return formatInteger(directive, operand) ?? wrongVerb(directive, operand)
  }
}

/** Verbs that Go knows for a type but that are left out here; every other verb is answered with Go's own complaint. */
function refuseUnlessWrong(directive: Directive, known: string): undefined {
  if (known.includes(directive.verb)) throw new Error(`sprintf: %${directive.verb} is not offered for this operand`)
  return undefined
}

function wrongVerb({ verb, ...rest }: Directive, operand: Operand): string {
  if (operand.type === '*big.Int') return `%!${verb}(big.Int=${operand.value})`
  return `%!${verb}(${operand.type}=${formatOperand({ ...rest, verb: 'v' }, operand)})`
}

function plain(operand: Operand): string {
  return formatOperand({ left: false, plus: false, space: false, zero: false, width: 0, precision: undefined, verb: 'v' }, operand)
}

function formatString(directive: Directive, value: string): string | undefined {
  const cut = directive.precision === undefined ? value : [...value].slice(0, directive.precision).join('')
  switch (directive.verb) {
    case 's':
    case 'v':
      return padded(directive, '', cut)
    case 'q':
      if (directive.plus) throw new Error('sprintf: %+q is not offered')
      return padded(directive, '', goQuote(cut))
    case 'x':
    case 'X': {
      if (directive.precision !== undefined || directive.space) throw new Error('sprintf: % x of text is not offered')
      const hex = Buffer.from(value).toString('hex')
      return padded(directive, '', directive.verb === 'X' ? hex.toUpperCase() : hex)
    }
    default:
      return undefined
  }
}

function formatInteger(directive: Directive, operand: { type: string; value: bigint }): string | undefined {
  const { verb, precision } = directive
  const big = operand.type === '*big.Int'
  const radix = 'dv'.includes(verb) || (big && verb === 's') ? 10 : 'xX'.includes(verb) ? 16 : undefined
  if (radix === undefined) return refuseUnlessWrong(directive, big ? 'boO' : 'bcoOqU')
  const negative = operand.value < 0n
  const digits = (negative ? -operand.value : operand.value).toString(radix).padStart(precision ?? 0, '0')
  const shown = precision === 0 && operand.value === 0n ? '' : digits
  // With a precision, zeros have had their place.
  const padding = precision === undefined ? directive : { ...directive, zero: false }
  return padded(padding, signOf(directive, negative), verb === 'X' ? shown.toUpperCase() : shown)
}

function formatFloat(directive: Directive, value: number): string | undefined {
  const magnitude = Math.abs(value)
  const sign = signOf(directive, value < 0 || Object.is(value, -0))
  switch (directive.verb) {
    case 'f':
    case 'F':
      return padded(directive, sign, fixed(magnitude, directive.precision ?? 6))
    case 'e':
      return padded(directive, sign, exponential(magnitude, directive.precision ?? 6))
    case 'v':
    case 'g':
      return padded(directive, sign, general(magnitude, directive.precision))
    default:
      return refuseUnlessWrong(directive, 'bxXEG')
  }
}

function signOf(directive: Directive, negative: boolean): string {
  return negative ? '-' : directive.plus ? '+' : directive.space ? ' ' : ''
}

/** Width counts characters, not code units. Zeros go between sign and digits. */
function padded({ left, zero, width }: Directive, sign: string, body: string): string {
  const missing = width - [...sign, ...body].length
  if (missing <= 0) return sign + body
  if (left) return sign + body + ' '.repeat(missing)
  return zero ? sign + '0'.repeat(missing) + body : ' '.repeat(missing) + sign + body
}
