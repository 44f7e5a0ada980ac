import type { AnsweredDecision } from '../decision.ts'
import { capLines, glassLine, joinLines, oneLine, ownerLine, recordLine, subjectLine, toldViolations, type ToldViolation } from './lines.ts'

/**
 * A decision as plain text for a CI log: at most 40 lines.
 * @param url where all of it can be read, or null for a dry run
 */
export function renderText(decision: AnsweredDecision, url: string | null): string {
  const about = [ownerLine(decision), glassLine(decision)].flatMap((line) => line ?? [])
  const head = [`${decision.verdict.toUpperCase()}  ${subjectLine(decision)}`, placeLine(decision), ...about, '']
  const body = toldViolations(decision).flatMap(linesOf)
  const tail = [
    '',
    `${recordLine(decision)}, at ${decision.at}`,
    ...(decision.verdict === 'allow' ? [`valid until ${decision.expiresAt}`] : []),
    ...(url === null ? [] : [url]),
  ]
  const told = body.length > 0 ? body : ['nothing speaks against it']
  return `${joinLines(capLines(head, told, tail, (left) => `… ${left} more lines: see the link below`))}\n`
}

function placeLine({ stage, environment, repository }: AnsweredDecision): string {
  return oneLine(`stage ${stage}, environment ${environment}${repository === null ? '' : `, repository ${repository}`}`)
}

function linesOf({ mark, rule, message, fix, evidence, nextOpen, controls }: ToldViolation): string[] {
  return [
    `${mark.padEnd(6)} ${rule}: ${message}`,
    ...(fix === null ? [] : [`       fix: ${fix}`]),
    ...(nextOpen === null ? [] : [`       next open: ${nextOpen}`]),
    ...(controls.length === 0 ? [] : [`       controls: ${controls.join(' ')}`]),
    ...(evidence.length === 0
      ? []
      : [`       evidence: ${evidence.slice(0, 2).join(' ')}${evidence.length > 2 ? ` and ${evidence.length - 2} more` : ''}`]),
  ]
}
