import { cutText, printable } from '../../core/printable.ts'
import type { AnsweredDecision, BaselineUse, Violation, WaivedByWaiver, WaivedFindings } from '../decision.ts'
import { fixSentence } from './fixes.ts'

/** What a reader of a CI log is shown at most. */
export const MAX_LINES = 40

/** One violation in words, the same for every output. */
export interface ToldViolation {
  mark: 'DENY' | 'WARN' | 'SHADOW' | 'WAIVED' | 'OLD'
  rule: string
  message: string
  fix: string | null
  evidence: string[]
  nextOpen: string | null
  controls: string[]
}

type Told = Pick<AnsweredDecision, 'violations' | 'warnings' | 'shadow' | 'waived' | 'baselines'>

/** All that speaks against passing, denials first, and at last what did not count. */
export function toldViolations(decision: Told): ToldViolation[] {
  return [
    ...decision.violations.map((violation) => told('DENY', violation)),
    ...decision.warnings.map((violation) => told('WARN', violation)),
    ...decision.shadow.map((violation) => told('SHADOW', violation)),
    ...decision.waived.map(toldWaived),
    ...decision.baselines.filter(({ matched }) => matched > 0).map(toldBaseline),
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
    controls: violation.controls.map(oneLine),
  }
}

const LISTED_WAIVED = 5

function toldWaived(waived: WaivedFindings | WaivedByWaiver): ToldViolation {
  return waived.kind === 'waiver' ? toldWaiver(waived) : toldWord(waived)
}

function toldWaiver({ waiver, rule, reason, requestedBy, approvedBy, expiresAt, count, findings }: WaivedByWaiver): ToldViolation {
  const what = count === 0 ? 'is not held against it' : `${count} ${count === 1 ? 'finding does' : 'findings do'} not count`
  const listed = count === 0 ? '' : `: ${listedIds(findings)}`
  // First what names it: what people wrote may be cut off.
  const message = `${what} by waiver ${waiver} until ${expiresAt}${listed}. Requested by ${requestedBy}, approved by ${approvedBy.join(', ')}: ${reason}`
  return { mark: 'WAIVED', rule: oneLine(rule), message: oneLine(message), fix: null, evidence: [], nextOpen: null, controls: [] }
}

function listedIds(findings: readonly { id: string }[]): string {
  const ids = [...new Set(findings.map(({ id }) => id))]
  const more = ids.length > LISTED_WAIVED ? ` and ${ids.length - LISTED_WAIVED} more` : ''
  return `${ids.slice(0, LISTED_WAIVED).join(', ')}${more}`
}

function toldWord({ kind, author, status, justification, statement, evidence, count, findings }: WaivedFindings): ToldViolation {
  const reason = [justification, statement].filter((part) => part !== null).join(': ')
  const said = `${author} says ${status}${reason === '' ? '' : ` (${reason})`}`
  const message = `${count} ${count === 1 ? 'finding does' : 'findings do'} not count, ${said}: ${listedIds(findings)}`
  return {
    mark: 'WAIVED',
    rule: `${kind}.${status}`,
    message: oneLine(message),
    fix: null,
    evidence: [evidence],
    nextOpen: null,
    controls: [],
  }
}

function toldBaseline({ pack, binding, owner, expires, matched, remaining, needed }: BaselineUse): ToldViolation {
  const debt = matched === 1 ? 'one piece of old debt does' : `${matched} pieces of old debt do`
  const use = needed ? 'without it this would not pass' : 'it would pass without it'
  const message = `${debt} not count by the baseline of binding ${binding} (${owner}, until ${expires}): ${remaining} left to pay, ${use}`
  return { mark: 'OLD', rule: `${pack}.baseline`, message: oneLine(message), fix: null, evidence: [], nextOpen: null, controls: [] }
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

/** Whom to turn to: `project shop, owned by shoppers (chat #shop), payments`; null if the subject is in no project. */
export function ownerLine({ project, owners }: Pick<AnsweredDecision, 'project' | 'owners'>): string | null {
  if (project === null) return null
  const teams = owners.map(({ team, contact }) => (contact === null ? team : `${team} (${contact})`))
  return oneLine(`project ${project}, owned by ${teams.join(', ')}`)
}

/** By whom, why and until when an allow stands against what policies say; null for any other decision. */
export function glassLine({ breakGlass }: Pick<AnsweredDecision, 'breakGlass'>): string | null {
  if (breakGlass === null) return null
  const { by, until, bindings, incident, reason } = breakGlass
  return oneLine(`glass broken by ${by} until ${until} against ${bindings.join(', ')}, incident ${incident}: ${reason}`)
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
