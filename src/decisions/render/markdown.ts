import type { AnsweredDecision } from '../decision.ts'
import { capLines, recordLine, subjectLine, toldViolations, type ToldViolation } from './lines.ts'

/**
 * A decision as Markdown for a job summary or a merge request: at most 40 lines.
 * @param url where all of it can be read, or null for a dry run
 */
export function renderMarkdown(decision: AnsweredDecision, url: string | null): string {
  const told = toldViolations(decision)
  const head = [
    `## ${decision.verdict === 'allow' ? '✅ Allowed' : '⛔ Denied'}: ${code(subjectLine(decision))}`,
    '',
    `Stage **${escape(decision.stage)}**, environment **${escape(decision.environment)}**, ${escape(recordLine(decision))}, ${decision.at}`,
    '',
    ...(told.length === 0 ? ['Nothing speaks against it.'] : ['| | Rule | What | Fix |', '|---|---|---|---|']),
  ]
  const tail = [
    '',
    ...(decision.verdict === 'allow' ? [`Valid until ${decision.expiresAt}.`] : []),
    ...(url === null ? [] : [`[The whole decision](${url})`]),
  ]
  return `${capLines(head, told.map(row), tail, (left) => `| | | … ${left} more | |`).join('\n')}\n`
}

const MARKS: Readonly<Record<ToldViolation['mark'], string>> = { DENY: '⛔', WARN: '⚠️', SHADOW: '👁' }

function row({ mark, rule, message, fix, nextOpen }: ToldViolation): string {
  const repair = [fix, nextOpen === null ? null : `next open ${nextOpen}`].filter((part) => part !== null).join('; ')
  return `| ${MARKS[mark]} | ${code(rule)} | ${escape(message)} | ${escape(repair)} |`
}

/** Messages quote reports, which are attacker-controlled: nothing of them may become markup, a link or a mention. */
function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/[\\`*_{}[\]()#!|~]/g, (character) => `\\${character}`)
    .replaceAll('@', '@\u200b')
}

function code(text: string): string {
  return `\`${text.replaceAll(/[`|]/g, '')}\``
}
