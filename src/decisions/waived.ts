import type { Evidence, Finding } from '../evidence/index.ts'
import type { WaivedFindings } from './decision.ts'
import type { PreparedBinding } from './prepare.ts'
import { MAX_LISTED_FINDINGS, shownFinding } from './violations.ts'

interface Waiver {
  word: Pick<WaivedFindings, 'kind' | 'author' | 'status' | 'justification' | 'statement' | 'evidence'>
  found: Finding
  report: Evidence
}

/** The findings that didn't count, by whose word and why: each word once, whichever bindings took it. */
export function waivedFindings(prepared: readonly PreparedBinding[]): WaivedFindings[] {
  const groups = new Map<string, WaivedFindings & { seen: Set<string> }>()
  for (const binding of prepared) {
    for (const { word, found, report } of [...clearedByVex(binding), ...suppressedByTools(binding)]) {
      const key = JSON.stringify(word)
      const group = groups.get(key) ?? { ...word, bindings: [], count: 0, findings: [], seen: new Set() }
      groups.set(key, group)
      if (!group.bindings.includes(binding.plan.binding.name)) group.bindings.push(binding.plan.binding.name)
      const identity = JSON.stringify([found.id, found.purl ?? found.package, found.version, found.location, report.id])
      if (group.seen.has(identity)) continue
      group.seen.add(identity)
      group.count++
      if (group.findings.length < MAX_LISTED_FINDINGS) group.findings.push(shownFinding(found, report))
    }
  }
  return [...groups.values()].map(({ seen: _, ...group }) => group)
}

function clearedByVex({ evidence }: PreparedBinding): Waiver[] {
  return evidence.composed.cleared.map(({ found, evidence: report, by }) => {
    const { status, justification, statement } = by.statement
    const word = { kind: 'vex' as const, author: by.vex.author, status, justification, statement, evidence: by.vex.evidence.digest }
    return { word, found, report }
  })
}

/** What tools were told to pass over, where the pack lets them: shown, so that nobody has to look for it in the reports. */
function suppressedByTools({ plan, evidence }: PreparedBinding): Waiver[] {
  if (plan.parameters['toolSuppressionsCount'] !== false) return []
  return evidence.selection.counted.flatMap((item, at) =>
    (evidence.composed.findings[at] ?? []).flatMap((found) => {
      if (!found.suppressed) return []
      const word = {
        kind: 'tool' as const,
        author: item.submitter,
        status: 'suppressed',
        justification: null,
        statement: found.suppressionReason,
      }
      return [{ word: { ...word, evidence: item.evidence.digest }, found, report: item.evidence }]
    }),
  )
}
