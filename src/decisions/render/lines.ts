import { cutText, printable } from '../../core/printable.ts'
import type { AnsweredDecision, Violation } from '../decision.ts'
import { fixSentence } from './fixes.ts'

/** What a reader of a CI log is shown at most. */
export const MAX_LINES = 40

/** One violation in words, the same for every output. */
export interface ToldViolation {
  mark: 'DENY' | 'WARN' | 'SHADOW'
  rule: string
  message: string
  fix: string | null
  evidence: string[]
  nextOpen: string | null
}

/** All that speaks against passing, denials first. */
export function toldViolations(decision: Pick<AnsweredDecision, 'violations' | 'warnings' | 'shadow'>): ToldViolation[] {
  return [
    ...decision.violations.map((violation) => told('DENY', violation)),
    ...decision.warnings.map((violation) => told('WARN', violation)),
    ...decision.shadow.map((violation) => told('SHADOW', violation)),
  ]
}

function told(mark: ToldViolation['mark'], violation: Violation): ToldViolation {
  return {
    mark,
    rule: oneLine(violation.rule),
    message: oneLine(violation.message),
    fix: oneLineOrNull(fixSentence(violation.findings) ?? violation.fix),
    evidence: violation.evidence,
    nextOpen: oneLineOrNull(violation.nextOpen),
  }
}

const MAX_LINE = 400

/** One line of printable text: reports, contexts and custom packs are attacker-controlled and end up in terminals. */
export function oneLine(text: string): string {
  return cutText(printable(text), MAX_LINE)
}

function oneLineOrNull(text: string | null): string | null {
  return text === null ? null : oneLine(text)
}

/** Joins lines, of which none is a command to a CI service: GitHub's begin a line, those of Azure Pipelines and TeamCity stand anywhere. */
export function joinLines(lines: readonly string[]): string {
  return lines
    .join('\n')
    .replaceAll(/^([^\S\n]*):(?=:)/gm, '$1: ')
    .replaceAll(/#(?=#[A-Za-z]*\[)/g, '# ')
}

/** `NAME@sha256:…` or the subject alone. */
export function subjectLine(decision: Pick<AnsweredDecision, 'subject' | 'subjectName'>): string {
  return oneLine(decision.subjectName === null ? decision.subject : `${decision.subjectName}@${decision.subject}`)
}

/** `decision ID, log index N`, or that nothing was recorded. */
export function recordLine(decision: AnsweredDecision): string {
  return 'logIndex' in decision ? `decision ${decision.id}, log index ${decision.logIndex}` : 'dry run: nothing was recorded'
}

/** Cuts to the most lines shown, saying how many are left out and where they all are. */
export function capLines(
  head: readonly string[],
  body: readonly string[],
  tail: readonly string[],
  rest: (left: number) => string,
): string[] {
  const room = MAX_LINES - head.length - tail.length
  if (body.length <= room) return [...head, ...body, ...tail]
  const shown = body.slice(0, room - 1)
  return [...head, ...shown, rest(body.length - shown.length), ...tail]
}
