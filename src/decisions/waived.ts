import type { WaivedFindings } from './decision.ts'
import type { PreparedBinding } from './prepare.ts'
import { MAX_LISTED_FINDINGS, shownFinding } from './violations.ts'

/** The findings that didn't count, by whose word and why: each statement once, whichever bindings trusted it. */
export function waivedFindings(prepared: readonly PreparedBinding[]): WaivedFindings[] {
  const groups = new Map<string, WaivedFindings & { seen: Set<string> }>()
  for (const { plan, evidence } of prepared) {
    for (const { found, evidence: report, by } of evidence.composed.cleared) {
      const { status, justification, statement } = by.statement
      const key = JSON.stringify([by.vex.evidence.id, by.vex.author, status, justification, statement])
      const group = groups.get(key) ?? {
        kind: 'vex',
        author: by.vex.author,
        status,
        justification,
        statement,
        evidence: by.vex.evidence.digest,
        bindings: [],
        count: 0,
        findings: [],
        seen: new Set(),
      }
      groups.set(key, group)
      if (!group.bindings.includes(plan.binding.name)) group.bindings.push(plan.binding.name)
      const identity = JSON.stringify([found.id, found.purl ?? found.package, found.version, report.id])
      if (group.seen.has(identity)) continue
      group.seen.add(identity)
      group.count++
      if (group.findings.length < MAX_LISTED_FINDINGS) group.findings.push(shownFinding(found, report))
    }
  }
  return [...groups.values()].map(({ seen: _, ...group }) => group)
}
