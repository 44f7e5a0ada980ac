import type { ApplyReport } from '../../src/governance/resources/resources.ts'
import type { Drift, PlannedChange } from '../../src/governance/resources/plan.ts'

/** What an apply changes, for people to read: like a diff. */
export function planText(report: ApplyReport, dryRun: boolean): string {
  const { changes, unchanged, left } = report
  const count = changes.length === 1 ? '1 change' : `${changes.length} changes`
  return [
    ...changes.flatMap(changeLines),
    ...left.map(({ kind, name }) => `left    ${kind}/${name}  (no document any more; --prune removes it)`),
    `${count}, ${unchanged} as ${unchanged === 1 ? 'it is' : 'they are'}${dryRun ? '; nothing was changed' : ''}`,
  ].join('\n')
}

function changeLines({ action, kind, name, before, after, guarded, drift }: PlannedChange): string[] {
  const notes = [
    drift && driftText(drift),
    guarded && `takes a second person where changes of ${guarded === 'access' ? 'access' : 'policy'} do`,
  ]
  const [old, fresh] = [fields(before), fields(after)]
  const keys = new Set([...Object.keys(old), ...Object.keys(fresh)]).difference(new Set(['name']))
  return [
    [`${action}  ${kind}/${name}`, ...notes.filter(Boolean).map((note) => `  (${note})`)].join(''),
    ...[...keys].flatMap((key) => [
      // Null stands for what isn't there.
      ...((old[key] ?? null) !== null ? [`  - ${key}: ${JSON.stringify(old[key])}`] : []),
      ...((fresh[key] ?? null) !== null ? [`  + ${key}: ${JSON.stringify(fresh[key])}`] : []),
    ]),
  ]
}

function driftText({ commit, appliedAt, changedBy, changedAt }: Drift): string {
  const since = `since ${commit === null ? 'it was applied' : `commit ${commit} was applied`} at ${appliedAt}`
  return changedBy === null ? `drift: removed ${since}` : `drift: changed by ${changedBy} at ${changedAt ?? '?'}, ${since}`
}

function fields(side: unknown): Record<string, unknown> {
  return typeof side === 'object' && side !== null ? (side as Record<string, unknown>) : {}
}
