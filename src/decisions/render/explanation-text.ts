import type { DecidingParameter, ExplainedBinding, ExplainedRule, Explanation } from '../explain/explanation.ts'
import { joinLines, oneLine } from './lines.ts'

const MOST_SHOWN = 8
const MARKS: Readonly<Record<ExplainedRule['effect'], string>> = {
  denies: 'DENY',
  warns: 'WARN',
  shadow: 'SHADOW',
  waived: 'WAIVED',
  none: 'OK',
}

/** An explanation as plain text, rule by rule; rules that rest on nothing here are left out. */
export function explanationText({ obstacle, bindings }: Explanation): string {
  if (obstacle !== null) return `${oneLine(`It can't be explained rule by rule: ${obstacle.message}`)}\n`
  return `${joinLines(['Rule by rule, with what each rests on here:', '', ...bindings.flatMap(bindingLines)])}\n`
}

function bindingLines({ binding, pack, version, mode, complete, rules }: ExplainedBinding): string[] {
  const head = binding === pack ? pack : `${binding} (${pack})`
  return [
    oneLine(`${head}, ${mode}, ${version}`),
    ...rules.filter(hasSomething).flatMap(ruleLines),
    ...(complete ? [] : ['  not everything was tried: the input is large']),
    '',
  ]
}

function hasSomething({ effect, facts, parameters }: ExplainedRule): boolean {
  return effect !== 'none' || facts.length > 0 || parameters.length > 0
}

function ruleLines(rule: ExplainedRule): string[] {
  return ruleParts(rule).map((line, at) => (at === 0 ? `  ${MARKS[rule.effect].padEnd(6)} ${line}` : `         ${line}`))
}

/** The lines about one rule, its title first. */
export function ruleParts({ rule, title, facts, parameters }: ExplainedRule): string[] {
  const more = facts.length > MOST_SHOWN ? [`and ${facts.length - MOST_SHOWN} more facts`] : []
  return [
    oneLine(`${rule}: ${title}`),
    ...facts.slice(0, MOST_SHOWN).map(({ path, value }) => oneLine(`rests on ${path} = ${JSON.stringify(value)}`)),
    ...more,
    ...parameters.map(parameterLine),
  ]
}

function parameterLine({ path, value, flip }: DecidingParameter): string {
  const turns =
    flip === null ? '' : `; with ${flip.to} it is ${flip.state === 'holds' ? 'kept' : `a ${flip.state}`}, and the verdict ${flip.verdict}`
  return oneLine(`decided by parameter ${path} = ${JSON.stringify(value)}${turns}`)
}
