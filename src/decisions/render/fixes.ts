import type { ViolationFinding } from '../decision.ts'

/** One upgrade and how many findings it clears. */
export interface Fix {
  /** `openssl 3.0.14` */
  upgrade: string
  clears: number
}

/** The upgrades that clear the findings, the most effective first, and how many findings no version fixes. */
export function groupByFix(findings: readonly ViolationFinding[]): { fixes: Fix[]; unfixed: number } {
  const byPackage = new Map<string, { versions: Set<string>; clears: number }>()
  let unfixed = 0
  for (const found of findings) {
    if (found.fixedVersion === null || found.package === null) {
      unfixed++
      continue
    }
    const group = byPackage.get(found.package) ?? { versions: new Set<string>(), clears: 0 }
    group.versions.add(found.fixedVersion)
    group.clears++
    byPackage.set(found.package, group)
  }
  const fixes = [...byPackage].map(([name, { versions, clears }]) => ({ upgrade: `${name} ${highest(versions)}`, clears }))
  fixes.sort((a, b) => b.clears - a.clears || (a.upgrade < b.upgrade ? -1 : 1))
  return { fixes, unfixed }
}

/** The version that clears all: the numerically highest of the fixed versions, each of which clears its own finding only. */
function highest(versions: ReadonlySet<string>): string {
  const collator = new Intl.Collator('en', { numeric: true })
  return [...versions].sort((a, b) => collator.compare(b, a))[0] ?? ''
}

/** `openssl 3.0.14 clears 12; zlib 1.3.1 clears 1; 3 have no fix yet`, or null if there is nothing to say. */
export function fixSentence(findings: readonly ViolationFinding[], most = 4): string | null {
  const { fixes, unfixed } = groupByFix(findings)
  if (fixes.length === 0) return null
  const parts = fixes.slice(0, most).map(({ upgrade, clears }) => `${upgrade} clears ${clears}`)
  if (fixes.length > most) parts.push(`${fixes.length - most} more upgrades`)
  if (unfixed > 0) parts.push(`${unfixed} ${unfixed === 1 ? 'has' : 'have'} no fix yet`)
  return parts.join('; ')
}
