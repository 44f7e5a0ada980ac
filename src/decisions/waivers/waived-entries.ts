import type { WaivedByWaiver } from '../decision.ts'
import type { JudgedBinding } from '../judge-all.ts'
import { MAX_LISTED_FINDINGS, shownFinding } from '../violations.ts'

/** What waivers let pass: each waiver once, whichever bindings it helped. */
export function waivedEntries(judged: readonly JudgedBinding[]): WaivedByWaiver[] {
  const groups = new Map<string, WaivedByWaiver & { seen: Set<string> }>()
  for (const { prepared, waivers } of judged) {
    for (const { waiver, findings } of waivers) {
      const { id, scope, reason, requestedBy, approvals, expiresAt } = waiver
      const group = groups.get(id) ?? {
        ...{ kind: 'waiver', waiver: id, rule: scope.rule, reason, requestedBy: requestedBy.name },
        ...{ approvedBy: approvals.map(({ by }) => by.name), expiresAt, bindings: [], count: 0, findings: [], seen: new Set<string>() },
      }
      groups.set(id, group)
      group.bindings.push(prepared.plan.binding.name)
      for (const { found, report } of findings) {
        const identity = JSON.stringify([found.id, found.purl ?? found.package, found.version, found.location, report.id])
        if (group.seen.has(identity)) continue
        group.seen.add(identity)
        group.count++
        if (group.findings.length < MAX_LISTED_FINDINGS) group.findings.push(shownFinding(found, report))
      }
    }
  }
  return [...groups.values()].map(({ seen: _, ...group }) => group)
}
