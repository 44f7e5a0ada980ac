import type { AnsweredDecision } from '../decision.ts'
import { capLines, glassLine, joinLines, oneLine, ownerLine, recordLine, subjectLine, toldViolations, type ToldViolation } from './lines.ts'

/**
 * A decision as Markdown for a job summary or a merge request: at most 40 lines.
 * @param url where all of it can be read, or null for a dry run
 */
export function renderMarkdown(decision: AnsweredDecision, url: string | null): string {
  const told = toldViolations(decision)
  const owner = ownerLine(decision)
  const glass = glassLine(decision)
  const head = [
    `## ${decision.verdict === 'allow' ? '✅ Allowed' : '⛔ Denied'}: ${code(subjectLine(decision))}`,
    '',
    `Stage **${escape(decision.stage)}**, environment **${escape(decision.environment)}**, ${escape(recordLine(decision))}, ${decision.at}`,
    ...(owner === null ? [] : ['', `Belongs to ${escape(owner)}.`]),
    ...(glass === null ? [] : ['', `🔨 ${escape(glass)}`]),
    '',
    ...(told.length === 0 ? ['Nothing speaks against it.'] : ['| | Rule | What | Fix |', '|---|---|---|---|']),
  ]
  const tail = [
    '',
    ...(decision.verdict === 'allow' ? [`Valid until ${decision.expiresAt}.`] : []),
    ...(url === null ? [] : [`[The whole decision](${url})`]),
  ]
  return `${joinLines(capLines(head, told.map(row), tail, (left) => `| | | … ${left} more | |`))}\n`
}

const MARKS: Readonly<Record<ToldViolation['mark'], string>> = { DENY: '⛔', WARN: '⚠️', SHADOW: '👁', WAIVED: '➖', OLD: '➖' }

function row({ mark, rule, message, fix, nextOpen, controls }: ToldViolation): string {
  const repair = [fix, nextOpen === null ? null : `next open ${nextOpen}`].filter((part) => part !== null).join('; ')
  return `| ${MARKS[mark]} | ${code(rule)} | ${escape(message)}${controls.length === 0 ? '' : ` (${controls.map(code).join(' ')})`} | ${escape(repair)} |`
}

/**
 * Messages quote reports, which are attacker-controlled: nothing of them may become markup, a formula, a link or a mention. Addresses become
 * links without any markup, and mentions can't be escaped: a space of no width keeps them apart.
 */
function escape(text: string): string {
  return oneLine(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/[\\`*_{}[\]()#!|~>$^]/g, (character) => `\\${character}`)
    .replaceAll('@', '@\u200b')
    .replaceAll('://', ':\u200b//')
    .replaceAll(/www\./gi, (word) => `${word.slice(0, -1)}\u200b.`)
}

/** Within a code span only what ends the span or the table's cell can act. */
function code(text: string): string {
  return `\`${oneLine(text).replaceAll(/[`|]/g, "'")}\``
}
