import { inReport, listed, numberArg, textArg, type RuleMessage } from './words.ts'

/** A limit of a named measure that was broken. `what` is what a sentence calls it, in place of its own name. */
function beyond(word: string, fix: string, what?: string, unit = ''): RuleMessage {
  return (result) => {
    const [value, limit] = [numberArg(result, 'value'), numberArg(result, 'limit')]
    return {
      message: `${what ?? textArg(result, 'measure') ?? 'A measure'}${inReport(result)} is ${figure(value)}${unit}, ${word} ${figure(limit)}${unit} is allowed.`,
      fix,
    }
  }
}

/** Without what binary fractions leave behind. */
function figure(value: number): string {
  return String(Number(value.toPrecision(12)))
}

/** A measure that has a most. */
export function tooMuch(fix: string, what?: string, unit?: string): RuleMessage {
  return beyond('at most', fix, what, unit)
}

/** A measure that has a least. */
export function tooLittle(fix: string): RuleMessage {
  return beyond('no less than', fix)
}

/** `not_measured`: `missing` names the measures. */
export function notMeasured(fix: string): RuleMessage {
  return ({ missing = [] }) => ({ message: `No usable report measures ${listed(missing)}, which the policy demands.`, fix })
}
